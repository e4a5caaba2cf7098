import { hostPlatform } from '../core/node/hostPlatform';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import type { BuildRequest } from '../core/plan/graph';
import { networkNeeds } from '../core/predict/project';
import type { NetworkSession } from './network';

/** Milliseconds without a change before the network is asked: nobody is to be asked for half a name. */
const ASK_AFTER = 1000;

/** What is built at the moment, and with which engine. */
export interface AskingState {
  readonly text: string;
  readonly request: BuildRequest;
  readonly result: Extract<EvidenceResult, { kind: 'evidence' }>;
}

/** Asks the network for what predictions for one Dockerfile need, in the background. */
export class WantedRemotes {
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param now undefined where the network may not be asked, or nobody wants to know any more
   * @param changed an answer changed
   */
  constructor(
    private readonly network: NetworkSession,
    private readonly now: () => AskingState | undefined,
    private readonly changed: () => void,
  ) {}

  /** Asks when there was no change for a while. */
  askSoon(): void {
    this.stop();
    this.timer = setTimeout(() => void this.ask(), ASK_AFTER);
  }

  /** Asks at once. Never rejects. @param refresh also for what failed a moment ago */
  async ask(refresh = false): Promise<void> {
    const state = this.now();
    if (state === undefined) return;
    const { text, request, result } = state;
    const { evidence } = result;
    const news = await this.network.ask(
      (remotes) => networkNeeds({ text, request, evidence, defaultPlatform: hostPlatform(), remotes }),
      result,
      refresh,
    );
    if (news) this.changed();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
