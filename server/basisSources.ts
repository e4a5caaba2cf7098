import type { WantedBuilder } from '../core/node/engines/builderKind';
import type { ImagesOf } from '../core/node/engines/loadEvidence';
import { CommitBaseline } from './commitBaseline';
import type { EngineSessions } from './engines';
import { contextFolder } from './makeProject';
import { SWITCHED_OFF, UNTRUSTED, type BasisScope, type PredictionBasis } from './predictionBasis';
import type { BuildChoices } from './protocol';
import type { DockerfileSettings } from './settings';

/** What sources are found with. */
export interface SourcesScope extends BasisScope {
  readonly engines: EngineSessions;
  readonly env: NodeJS.ProcessEnv;
  /** The workspace folders, for relative settings. */
  readonly folders: () => readonly string[];
}

/** The Dockerfile whose sources they are. */
export interface SourcesUser {
  readonly uri: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly images: ImagesOf;
  /** The files of the context are others, or were looked at again. */
  readonly refreshed: () => void;
  readonly isDisposed: () => boolean;
}

/** The build context, and the engine or commit, that predictions for a Dockerfile stand on: found, and let go. */
export class BasisSources {
  /** What was chosen when they were found last. */
  private chosen: BuildChoices | undefined;
  private readonly stopListening: (() => void)[] = [];

  constructor(
    private readonly basis: PredictionBasis,
    private readonly scope: SourcesScope,
    private readonly user: SourcesUser,
  ) {}

  /** The family of builder that somebody chose; undefined: found out as docker does. */
  get wantedBuilder(): WantedBuilder | undefined {
    return this.chosen?.builder ?? (this.basis.settings?.engineKind === 'podman' ? 'buildah' : undefined);
  }

  /** Do these choices ask for other sources? */
  areOthers({ builder, commit, context }: Partial<BuildChoices> = {}): boolean {
    const { chosen, basis } = this;
    return builder !== chosen?.builder || commit !== basis.baseline?.ref || context !== chosen?.context;
  }

  /** Finds out which they are (again), and looks at all of them for the first time. */
  async find(settings: DockerfileSettings): Promise<void> {
    const letGo = this.hold();
    try {
      this.release();
      await this.use(settings);
    } finally {
      letGo();
    }
  }

  release(): void {
    for (const stop of this.stopListening.splice(0)) stop();
    const { basis, scope } = this;
    if (basis.context !== undefined) scope.contexts.release(basis.context);
    if (basis.engine !== undefined) scope.engines.release(basis.engine, this.user);
    basis.clear();
  }

  /** What is in use stays as it is until what is returned is called, and longer if it is in use again then. */
  private hold(): () => void {
    const { scope } = this;
    const { context, engine } = this.basis;
    const holder = {};
    context?.use();
    engine?.use(holder, () => []);
    return () => {
      if (context !== undefined) scope.contexts.release(context);
      if (engine !== undefined) scope.engines.release(engine, holder);
    };
  }

  private async use(settings: DockerfileSettings): Promise<void> {
    const { basis, scope, user } = this;
    basis.settings = settings;
    if (!scope.trusted()) {
      scope.engines.tell({ code: 'untrusted', message: UNTRUSTED.message });
      return;
    }
    scope.ledger.setLimit(settings.ledgerMegabytes);
    this.chosen = scope.choices(user.uri);
    const { commit, context: folder } = this.chosen ?? {};
    if (commit !== undefined) {
      basis.baseline = new CommitBaseline(commit, user.dockerfile, scope.env);
      scope.engines.tell({ code: 'none', message: `no engine is asked: compared with git:${commit}` });
    } else if (settings.engineKind === 'none') {
      scope.engines.tell({ code: 'none', message: SWITCHED_OFF.message });
    } else {
      basis.engine = scope.engines.get(settings, this.wantedBuilder);
      basis.engine.use(user, user.images);
    }
    // ignore files differ between builders
    const family = (await basis.engine?.family()) ?? 'buildkit';
    if (user.isDisposed()) return;
    const root = contextFolder(settings, user.dockerfile, scope.folders(), scope.env, folder);
    const context = scope.contexts.get(root, user.dockerfile, family);
    basis.context = context;
    this.stopListening.push(context.onChanged(user.refreshed));
    await Promise.all([
      context.scans > 0 ? undefined : context.scan(),
      basis.engine?.load(),
      basis.baseline?.check(context.root),
    ]);
  }
}
