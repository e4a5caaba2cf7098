import type * as vscode from 'vscode';
import type { SecretSource } from '../../core/model';
import type { BuildChoicesStore, Chosen } from '../choices/buildChoices';
import { looksSecret } from '../choices/secrets';
import { messageOf } from '../failure';

/** Key in the workspace's state. */
const KEY = 'buildProfiles';

/** How a Dockerfile is built, under a name. Values of secrets are never in it. */
export interface BuildProfile {
  readonly name: string;
  /** What the prediction is for, too: target, arguments, builder and so on. */
  readonly chosen: Omit<Chosen, 'commit'>;
  /** Names that the image gets. */
  readonly tags: readonly string[];
  readonly secrets: readonly SecretSource[];
  /** As `--ssh` takes them. */
  readonly ssh: readonly string[];
  /** Arguments whose values are not kept, since their names look like secrets. */
  readonly secretArgs: readonly string[];
}

interface OfDockerfile {
  readonly current: string;
  readonly profiles: readonly BuildProfile[];
}

type Remembered = Readonly<Record<string, OfDockerfile>>;

/** The name of the profile that the first build makes. */
export const FIRST_PROFILE = 'default';

/** Named profiles of Dockerfiles, remembered with the workspace. */
export class BuildProfiles {
  constructor(
    private readonly choices: BuildChoicesStore,
    private readonly state: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** The profiles of a Dockerfile by name. */
  of(uri: string): readonly BuildProfile[] {
    return this.remembered[uri]?.profiles ?? [];
  }

  /** The one that was saved or chosen last. */
  current(uri: string): BuildProfile | undefined {
    const mine = this.remembered[uri];
    return mine?.profiles.find(({ name }) => name === mine.current);
  }

  /** Dockerfiles that have profiles. */
  get dockerfiles(): readonly string[] {
    return Object.keys(this.remembered);
  }

  /** A profile of what is chosen for a Dockerfile now. */
  ofChoices(uri: string, name: string, others: Pick<BuildProfile, 'tags' | 'secrets' | 'ssh'>): BuildProfile {
    const { buildArgs = {}, target, builder, context, platform } = this.choices.of(uri);
    const plain = Object.fromEntries(Object.entries(buildArgs).filter(([arg]) => !looksSecret(arg)));
    const kept = {
      ...(target === undefined ? {} : { target }),
      ...(builder === undefined ? {} : { builder }),
      ...(context === undefined ? {} : { context }),
      ...(platform === undefined ? {} : { platform }),
      ...(Object.keys(plain).length > 0 ? { buildArgs: plain } : {}),
    };
    const { tags, secrets, ssh } = others;
    return { name, chosen: kept, tags, secrets, ssh, secretArgs: Object.keys(buildArgs).filter(looksSecret) };
  }

  /** Keeps a profile in the place of that with its name, or of `replaces`, as the current one. */
  async save(uri: string, profile: BuildProfile, replaces = profile.name): Promise<void> {
    const others = this.of(uri).filter(({ name }) => name !== profile.name && name !== replaces);
    const profiles = [...others, profile].sort((one, other) => (one.name < other.name ? -1 : 1));
    await this.write(uri, { current: profile.name, profiles });
  }

  /** Forgets a profile; what is chosen stays. */
  async remove(uri: string, removed: string): Promise<void> {
    const profiles = this.of(uri).filter(({ name }) => name !== removed);
    const current = this.current(uri)?.name ?? '';
    await this.write(uri, { current: current === removed ? (profiles[0]?.name ?? '') : current, profiles });
  }

  /** Makes a profile what is chosen for its Dockerfile, so that it is what is predicted. False: there is none. */
  async use(uri: string, wanted: string): Promise<boolean> {
    const profile = this.of(uri).find(({ name }) => name === wanted);
    if (profile === undefined) return false;
    const { commit, buildArgs = {} } = this.choices.of(uri);
    // values that are not kept are still there if they were given in this window
    const secrets = Object.fromEntries(Object.entries(buildArgs).filter(([arg]) => profile.secretArgs.includes(arg)));
    await this.choices.set(uri, {
      ...profile.chosen,
      ...{ buildArgs: { ...profile.chosen.buildArgs, ...secrets } },
      ...(commit === undefined ? {} : { commit }),
    });
    await this.write(uri, { current: wanted, profiles: this.of(uri) });
    return true;
  }

  /** Arguments of the current profile whose values have to be asked for again. */
  missingSecrets(uri: string): readonly string[] {
    const { buildArgs = {} } = this.choices.of(uri);
    return (this.current(uri)?.secretArgs ?? []).filter((name) => !(name in buildArgs));
  }

  private get remembered(): Remembered {
    return this.state.get<Remembered>(KEY, {});
  }

  private async write(uri: string, mine: OfDockerfile): Promise<void> {
    const others = Object.entries(this.remembered).filter(([other]) => other !== uri);
    const all = mine.profiles.length > 0 ? [...others, [uri, mine] as const] : others;
    try {
      await this.state.update(KEY, Object.fromEntries(all));
    } catch (error) {
      this.log.warn(`The build profiles of ${uri} are not remembered: ${messageOf(error)}`);
    }
  }
}
