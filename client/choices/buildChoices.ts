import type * as vscode from 'vscode';
import type { BuildChoices } from '../../server/protocol';
import { DisposableStore } from '../disposables';
import { messageOf } from '../failure';
import type { LanguageServer } from '../languageServer';
import { looksSecret } from './secrets';

/** Key in the workspace's state. */
const KEY = 'buildChoices';

/** What was chosen for one Dockerfile, without naming it. */
export type Chosen = Omit<BuildChoices, 'uri'>;

type Remembered = Readonly<Record<string, Chosen>>;

/**
 * Targets, build arguments, builders and baselines that were chosen for Dockerfiles. They are remembered with the workspace, except values
 * of arguments that look like secrets: these are gone when the window closes.
 */
export class BuildChoicesStore implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly secrets = new Map<string, Readonly<Record<string, string>>>();

  constructor(
    private readonly server: LanguageServer,
    private readonly state: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(
      server.onDidChangeState((now) => {
        if (now === 'running') this.sendAll();
      }),
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  /** What holds for a Dockerfile. */
  of(uri: string): Chosen {
    return this.withSecrets(this.remembered[uri] ?? {}, uri);
  }

  /** Replaces what holds for a Dockerfile. */
  async set(uri: string, chosen: Chosen): Promise<void> {
    const all = Object.entries(chosen.buildArgs ?? {});
    const secrets = Object.fromEntries(all.filter(([name]) => looksSecret(name)));
    if (Object.keys(secrets).length > 0) this.secrets.set(uri, secrets);
    else this.secrets.delete(uri);
    const plain = all.filter(([name]) => !looksSecret(name));
    const kept: Chosen = {
      ...(chosen.target === undefined ? {} : { target: chosen.target }),
      ...(plain.length > 0 ? { buildArgs: Object.fromEntries(plain) } : {}),
      ...(chosen.builder === undefined ? {} : { builder: chosen.builder }),
      ...(chosen.commit === undefined ? {} : { commit: chosen.commit }),
      ...(chosen.context === undefined ? {} : { context: chosen.context }),
      ...(chosen.platform === undefined ? {} : { platform: chosen.platform }),
    };
    const others = Object.entries(this.remembered).filter(([other]) => other !== uri);
    const next = Object.keys(kept).length > 0 ? [...others, [uri, kept] as const] : others;
    this.server.choose({ uri, ...this.withSecrets(kept, uri) });
    try {
      await this.state.update(KEY, Object.fromEntries(next));
    } catch (error) {
      this.log.warn(`The choices for ${uri} are not remembered: ${messageOf(error)}`);
    }
  }

  private withSecrets(chosen: Chosen, uri: string): Chosen {
    const buildArgs = { ...chosen.buildArgs, ...this.secrets.get(uri) };
    return { ...chosen, ...(Object.keys(buildArgs).length > 0 ? { buildArgs } : {}) };
  }

  private get remembered(): Remembered {
    return this.state.get<Remembered>(KEY, {});
  }

  /** A new server knows nothing. */
  private sendAll(): void {
    for (const uri of new Set([...Object.keys(this.remembered), ...this.secrets.keys()])) {
      this.server.choose({ uri, ...this.of(uri) });
    }
  }
}
