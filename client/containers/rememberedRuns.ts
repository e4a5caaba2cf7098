import type * as vscode from 'vscode';
import type { RunOrder } from '../../core/model';
import { looksSecret } from '../choices/secrets';
import { messageOf } from '../failure';

/** Key in the workspace's state. */
const KEY = 'imageRuns';
/** Images that are remembered; the one that was run longest ago goes. */
const MOST = 50;

/** What is kept of a run. */
interface KeptRun extends Omit<RunOrder, 'image'> {
  /** Variables whose values are not kept, since their names look like secrets. */
  readonly secretNames: readonly string[];
}

/** How an image was run last. */
export interface LastRun {
  readonly order: RunOrder;
  /** Variables of it that need a value again. */
  readonly missing: readonly string[];
}

/**
 * How images were run last, by their names; remembered with the workspace, except values of variables that look like
 * secrets: these are gone when the window closes.
 */
export class RememberedRuns {
  private readonly secrets = new Map<string, Readonly<Record<string, string>>>();

  constructor(
    private readonly state: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** How an image was run last; undefined when it never was. */
  of(name: string, image: string): LastRun | undefined {
    const kept = this.remembered[name];
    if (kept === undefined) return undefined;
    const { secretNames, ...rest } = kept;
    const secrets = this.secrets.get(name) ?? {};
    const environment = { ...kept.environment, ...secrets };
    return { order: { ...rest, image, environment }, missing: secretNames.filter((one) => !(one in secrets)) };
  }

  /** Remembers how an image was run. */
  async set(name: string, order: RunOrder): Promise<void> {
    const { environment, command, name: container, ports, mounts, entrypoint, remove, detached } = order;
    const all = Object.entries(environment);
    const secrets = Object.fromEntries(all.filter(([variable]) => looksSecret(variable)));
    this.secrets.set(name, secrets);
    const kept: KeptRun = {
      ...{ name: container, ports, mounts, remove, detached },
      ...(entrypoint === undefined ? {} : { entrypoint }),
      environment: Object.fromEntries(all.filter(([variable]) => !looksSecret(variable))),
      // `--password=…` as an argument is no better than as a variable
      command: command.some(looksSecret) ? [] : command,
      secretNames: Object.keys(secrets),
    };
    const others = Object.entries(this.remembered).filter(([other]) => other !== name);
    const runs = [...others, [name, kept] as const].slice(-MOST);
    try {
      await this.state.update(KEY, Object.fromEntries(runs));
    } catch (error) {
      this.log.warn(`How ${name} was run is not remembered: ${messageOf(error)}`);
    }
  }

  private get remembered(): Readonly<Record<string, KeptRun>> {
    return this.state.get<Readonly<Record<string, KeptRun>>>(KEY, {});
  }
}
