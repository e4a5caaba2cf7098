import type {
  ByteUnits,
  ContainerChanges,
  DiskPlan,
  DiskReport,
  ReclaimItem,
  ReclaimOutcome,
  UnusedKind,
} from '../../core/model';

/**
 * What the page of disk usage and its panel say to each other, in three kinds: commands (page to panel, no answer),
 * requests (page to panel, answered by id) and notifications (panel to page). Anything else is rejected.
 */

/** Page → panel: somebody did something. */
export type PageCommand =
  /** The page listens: tell it everything. */
  | { readonly kind: 'command'; readonly name: 'ready' | 'measure' | 'cancel' }
  | { readonly kind: 'command'; readonly name: 'copy'; readonly text: string }
  | { readonly kind: 'command'; readonly name: 'keep'; readonly item: ReclaimItem; readonly isKept: boolean }
  /** Opens a line (0-based) of a Dockerfile. */
  | { readonly kind: 'command'; readonly name: 'open'; readonly uri: string; readonly line: number };

/** Page → panel: questions with their answers. */
export interface PageRequests {
  readonly changes: { readonly params: { readonly container: string }; readonly result: ContainerChanges | null };
  readonly bindMount: { readonly params: { readonly source: string }; readonly result: number | null };
  readonly plan: {
    /** These, or what nothing uses. */
    readonly params: { readonly items: readonly ReclaimItem[] | UnusedKind };
    readonly result: DiskPlan;
  };
  /** Null: the user stopped it, and what was removed until then is in the next measurement. */
  readonly remove: { readonly params: { readonly plan: string }; readonly result: ReclaimOutcome | null };
}

/** The name of a question. */
export type PageRequestName = keyof PageRequests;

/** A question on its way. */
export type PageRequest = {
  readonly [N in PageRequestName]: {
    readonly kind: 'request';
    readonly id: number;
    readonly name: N;
    readonly params: PageRequests[N]['params'];
  };
}[PageRequestName];

/** Panel → page: the answer, or why there is none. */
export type PanelResponse =
  | { readonly kind: 'response'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'response'; readonly id: number; readonly error: string };

/** What goes on, besides the report. */
export interface PanelState {
  readonly isMeasuring: boolean;
  /** What is being measured or removed. */
  readonly progress: string;
  /** The engine has changed since the report. */
  readonly isStale: boolean;
  /** Keys ({@link keyOf}) of what the user wants to keep on this engine. */
  readonly kept: readonly string[];
}

/** Panel → page: something changed. */
export type PanelNotification =
  | {
      readonly kind: 'notification';
      readonly name: 'report';
      readonly report: DiskReport | null;
      /** Why there is no report; empty: nobody has measured yet. */
      readonly message: string;
      readonly units: ByteUnits;
    }
  | { readonly kind: 'notification'; readonly name: 'state'; readonly state: PanelState };

/** What a page gets. */
export type PanelMessage = PanelResponse | PanelNotification;

/** What a page sends. */
export type PageMessage = PageCommand | PageRequest;

const UNUSED: readonly UnusedKind[] = ['stoppedContainers', 'danglingImages', 'unusedImages', 'unusedCache', 'all'];

type Fields = Readonly<Record<string, unknown>>;

const NAMES_OF = {
  command: ['ready', 'measure', 'cancel', 'copy', 'keep', 'open'],
  request: ['changes', 'bindMount', 'plan', 'remove'],
  notification: ['report', 'state'],
} as const;

/** Whether this is a message that a page may send. */
export function isPageMessage(message: unknown): message is PageMessage {
  const { kind, name, id, params, ...fields } = fieldsOf(message);
  if (kind === 'request') {
    return typeof id === 'number' && isOneOf(NAMES_OF.request, name) && hasParams(String(name), fieldsOf(params));
  }
  if (kind !== 'command' || !isOneOf(NAMES_OF.command, name)) return false;
  if (name === 'copy') return typeof fields['text'] === 'string';
  if (name === 'open') return typeof fields['uri'] === 'string' && typeof fields['line'] === 'number';
  return name !== 'keep' || (isItem(fields['item']) && typeof fields['isKept'] === 'boolean');
}

/** Whether this is a message that a panel may send. */
export function isPanelMessage(message: unknown): message is PanelMessage {
  const { kind, name, id } = fieldsOf(message);
  if (kind === 'response') return typeof id === 'number';
  return kind === 'notification' && isOneOf(NAMES_OF.notification, name);
}

function hasParams(name: string, params: Fields): boolean {
  if (name === 'changes') return typeof params['container'] === 'string';
  if (name === 'bindMount') return typeof params['source'] === 'string';
  if (name === 'remove') return typeof params['plan'] === 'string';
  const { items } = params;
  return Array.isArray(items) ? items.every(isItem) : isOneOf(UNUSED, items);
}

function isItem(value: unknown): value is ReclaimItem {
  const { kind, id, name } = fieldsOf(value);
  const isKind = isOneOf(['container', 'image', 'build-cache', 'volume'], kind);
  return isKind && typeof id === 'string' && typeof name === 'string';
}

function isOneOf(names: readonly string[], name: unknown): boolean {
  return typeof name === 'string' && names.includes(name);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
