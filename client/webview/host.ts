import {
  isPanelMessage,
  type PageCommand,
  type PageRequestName,
  type PageRequests,
  type PanelNotification,
} from './protocol';

/** What the editor gives a page, once. */
interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): EditorApi;

/** Milliseconds without a change before the state of the page is put away. */
const SETTLE = 300;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The panel, as its page sees it. */
export class Host {
  private readonly editor = acquireVsCodeApi();
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Listens from here on; `told` gets what is no answer. */
  constructor(private readonly told: (notification: PanelNotification) => void) {
    window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!isPanelMessage(data)) return;
      if (data.kind === 'notification') this.told(data);
      else this.answered(data.id, data);
    });
  }

  /** Says something that needs no answer. */
  send(command: PageCommand): void {
    this.editor.postMessage(command);
  }

  /** Asks something; rejects with a sentence. */
  ask<N extends PageRequestName>(name: N, params: PageRequests[N]['params']): Promise<PageRequests[N]['result']> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as PageRequests[N]['result']), reject });
      this.editor.postMessage({ kind: 'request', id, name, params });
    });
  }

  /** What a former life of the page put away; undefined: nothing. */
  get state(): unknown {
    return this.editor.getState();
  }

  /** Puts the state away, soon. */
  keep(state: unknown): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.editor.setState(state), SETTLE);
  }

  private answered(id: number, answer: { readonly result?: unknown; readonly error?: string }): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (answer.error !== undefined) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.result);
  }
}
