import type { LineRange } from '../model';

/** Every kind of advice; each has a page in client/media/advice. */
export const ADVICE_CODES = [
  'deleted-later',
  'stored-again',
  'package-cache-left',
  'context-ballast',
  'argument-too-early',
  'manifests-with-sources',
] as const;

export type AdviceCode = (typeof ADVICE_CODES)[number];

/** A change that follows an advice. */
export type AdviceEdit =
  | {
      readonly kind: 'ignore';
      readonly title: string;
      /** A line for the ignore file. */
      readonly pattern: string;
    }
  | {
      readonly kind: 'move';
      readonly title: string;
      /** The instruction that moves, and the 1-based line before which it comes. */
      readonly line: LineRange;
      readonly before: number;
      /** Lines that come before it at its new place. */
      readonly preceded?: string;
    }
  | {
      readonly kind: 'dockerfile';
      readonly title: string;
      /** Lines that are replaced, each with its new text; undefined removes them. */
      readonly replacements: readonly { readonly line: LineRange; readonly text: string | undefined }[];
    };

/** Something about a Dockerfile that costs measured bytes or measured time, and can be changed. */
export interface Advice {
  readonly code: AdviceCode;
  readonly line: LineRange;
  /** One or two sentences; begins with the bytes. */
  readonly message: string;
  /** 0 where it costs time only. */
  readonly bytes: number;
  /** Other lines that belong to it, each with a word why. */
  readonly related: readonly { readonly line: LineRange; readonly message: string }[];
  readonly edits: readonly AdviceEdit[];
}

/** How bytes are written. */
export type WriteBytes = (bytes: number) => string;
