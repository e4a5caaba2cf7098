import { NetworkLookups } from '../core/node/network/lookups';
import type { EvidenceResult } from '../core/node/engines/loadEvidence';
import type { Remotes, Wanted } from '../core/evidence/remotes';

/** Milliseconds for which an answer of the network holds. */
const MAX_AGE = 600_000;
/** Milliseconds between looks whether answers are old. */
const CHECK = 60_000;
/** Milliseconds after which somebody who has no answer because of a failure may ask again by a refresh. */
const MAX_AGE_REFRESHED = 5_000;

/** Somebody who needs answers: what is wanted follows from the answers so far. */
export type WantedGiven = (remotes: Remotes) => Wanted;

/** Images whose triggers name images that name images. */
const ROUNDS = 3;

/**
 * What the network said, for all open Dockerfiles whose settings allow it; asked in the background only. Nobody asks it
 * without trust or without the setting: see `Analysis.askNetwork`.
 */
export class NetworkSession {
  private readonly lookups: NetworkLookups;
  private readonly stop = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** Nobody sees an answer: what is asked again now and then waits. */
  private isHidden = false;
  private lastDue = Date.now();
  private asking: Promise<unknown> = Promise.resolve();

  /** @param due is called when answers have become old. */
  constructor(
    env: NodeJS.ProcessEnv,
    private readonly due: () => void,
  ) {
    this.lookups = new NetworkLookups(env);
    this.timer = setInterval(() => this.check(), CHECK);
    // it is no reason to keep a process
    this.timer.unref();
  }

  /** Tells whether somebody sees the answers. */
  setHidden(isHidden: boolean): void {
    this.isHidden = isHidden;
    this.check();
  }

  private check(): void {
    if (this.isHidden || Date.now() - this.lastDue < MAX_AGE) return;
    this.lastDue = Date.now();
    this.due();
  }

  /** The answers so far; another object whenever one changed. */
  get remotes(): Remotes {
    return this.lookups.remotes;
  }

  /** Asks for what is not answered, or was answered long ago. Never rejects. @returns whether an answer changed. */
  ask(wanted: WantedGiven, result: EvidenceResult, refresh: boolean): Promise<boolean> {
    // one after the other: most want the same
    const answered = this.asking.then(() => this.askNow(wanted, result, refresh));
    this.asking = answered;
    return answered;
  }

  private async askNow(wanted: WantedGiven, result: EvidenceResult, refresh: boolean): Promise<boolean> {
    if (result.kind !== 'evidence') return false;
    const before = this.remotes;
    const maxAge = refresh ? MAX_AGE_REFRESHED : MAX_AGE;
    for (let round = 0; round < ROUNDS && !this.stop.signal.aborted; round++) {
      const news = await this.lookups.ask(wanted(this.remotes), result.network, maxAge, this.stop.signal);
      if (!news) break;
    }
    return this.remotes !== before;
  }

  dispose(): void {
    clearInterval(this.timer);
    this.stop.abort();
  }
}
