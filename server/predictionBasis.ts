import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Remotes } from '../core/evidence/remotes';
import type { BuildOrder, Reason } from '../core/model';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import type { BuildRequest } from '../core/plan/graph';
import type { ProjectPrediction } from '../core/predict/project';
import { real, requestOfOrder, textOf } from './builds/orderRequest';
import type { CommitBaseline } from './commitBaseline';
import type { ContextSession, ContextSessions } from './contexts';
import type { EngineSession } from './engines';
import type { ServerLedger } from './ledger';
import { makeProject, requestOf, type ProjectParts } from './makeProject';
import type { NetworkSession } from './network';
import type { BuildChoices } from './protocol';
import type { DockerfileSettings } from './settings';

export const UNTRUSTED: Reason = {
  code: 'no-evidence',
  message: 'this workspace is not trusted: the file is only parsed, no engine is asked',
};
export const SWITCHED_OFF: Reason = {
  code: 'no-evidence',
  message: 'no engine is asked: layerInsight.engine.kind is none',
};

/** What the bases of all open Dockerfiles share. */
export interface BasisScope {
  readonly contexts: ContextSessions;
  readonly network: NetworkSession;
  readonly ledger: ServerLedger;
  readonly trusted: () => boolean;
  /** What was chosen for a Dockerfile beyond the settings. */
  readonly choices: (uri: string) => BuildChoices | undefined;
}

/** What predictions of an open Dockerfile stand on, and the predictions that are made of it. Nothing is read here. */
export class PredictionBasis {
  settings: DockerfileSettings | undefined;
  context: ContextSession | undefined;
  engine: EngineSession | undefined;
  /** A commit that counts as the last build: no engine is asked. */
  baseline: CommitBaseline | undefined;
  private made:
    { readonly text: string; readonly basis: readonly unknown[]; readonly project: ProjectPrediction } | undefined;

  /**
   * @param document the text as it is on the screen
   * @param reads grows with every file that was read for its content
   */
  constructor(
    private readonly document: () => TextDocument,
    private readonly scope: BasisScope,
    private readonly reads: () => number,
  ) {}

  get text(): string {
    return this.document().getText();
  }

  /** What is built as the settings and choices say; undefined before they are read. */
  get request(): BuildRequest | undefined {
    return this.settings && this.requestFor(this.settings);
  }

  private requestFor(settings: DockerfileSettings): BuildRequest {
    return requestOf(settings, this.scope.choices(this.document().uri));
  }

  /** What the network said; undefined where it may not be asked. */
  get remotes(): Remotes | undefined {
    return this.settings?.networkLookups === true && this.scope.trusted() ? this.scope.network.remotes : undefined;
  }

  /** All that counts besides the text: as long as each part is the same, so is the prediction. */
  parts(): readonly unknown[] {
    const { context, engine, baseline, settings, remotes } = this;
    const { downgrades } = this.scope.ledger;
    return [context, context?.scans, this.reads(), engine?.result, baseline?.state, settings, remotes, downgrades];
  }

  /** The prediction for what there is now; undefined before the settings are read. */
  project(): ProjectPrediction | undefined {
    return this.settings && this.projectWith(this.settings);
  }

  /** The same with settings that were read; made once for each text and basis. */
  projectWith(settings: DockerfileSettings): ProjectPrediction {
    const [text, basis] = [this.text, this.parts()];
    if (this.made?.text !== text || !isSame(this.made.basis, basis)) {
      this.made = { text, basis, project: this.make(settings) };
    }
    return this.made.project;
  }

  /** A prediction in which some of this is another thing. */
  make(
    settings: DockerfileSettings,
    otherwise: Partial<Omit<ProjectParts, 'dockerfile' | 'noEvidence'>> = {},
  ): ProjectPrediction {
    const { context, engine, baseline, scope } = this;
    return makeProject({
      text: this.text,
      dockerfile: fileURLToPath(this.document().uri),
      request: this.requestFor(settings),
      ...{ context, baseline, result: engine?.result, ...otherwise },
      noEvidence: scope.trusted() ? SWITCHED_OFF : UNTRUSTED,
      remotes: this.remotes,
      downgrades: scope.ledger.downgrades,
      others: scope.contexts.others.known,
    });
  }

  /** The same for a build of an order with what an engine said; undefined before the settings are read. */
  projectOf(order: BuildOrder, result: EvidenceResult): ProjectPrediction | undefined {
    const { settings, request: shown } = this;
    if (settings === undefined || shown === undefined) return undefined;
    const context = this.isContext(order.context) ? this.context : undefined;
    const request = requestOfOrder(order, shown);
    return this.make(settings, { request, text: textOf(order, this.text), context, result, baseline: undefined });
  }

  /** Is this the build context that was looked at? */
  isContext(folder: string): boolean {
    const { context } = this;
    return context !== undefined && (folder === context.root || real(folder) === context.root);
  }

  /** An image that nobody asked for yet is not an image that is not there. */
  get hasUnaskedImages(): boolean {
    const result = this.engine?.result;
    if (result === undefined || result.kind === 'none') return false;
    const asked = result.kind === 'evidence' ? result.evidence.images : result.evidence.named;
    return this.project()?.images.some((name) => !asked.has(name)) === true;
  }

  /** Nothing is known any more but the settings. What was in use is to be released before. */
  clear(): void {
    this.context = undefined;
    this.engine = undefined;
    this.baseline = undefined;
    this.forget();
  }

  /** Something that is no part of the basis counts otherwise now. */
  forget(): void {
    this.made = undefined;
  }
}

/** Are two lists of parts the same, each by identity? */
export function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
