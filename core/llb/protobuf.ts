import { utf8 } from './utf8';

/** A part of a message, already encoded. */
export type Encoded = readonly number[];

const VARINT = 0;
const BYTES = 2;

/** An integer as protobuf writes it: seven bits a byte; negative numbers as 64 bits of two's complement. */
function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

/** A field of bytes, or of an encoded message: written even when it is empty. */
export function bytesField(number: number, bytes: Encoded): number[] {
  return [...varint(number * 8 + BYTES), ...varint(bytes.length), ...bytes];
}

/** A message that may be absent. */
export function messageField(number: number, message: Encoded | undefined): number[] {
  return message === undefined ? [] : bytesField(number, message);
}

/** A text; an empty one is left out. */
export function textField(number: number, text: string): number[] {
  return text === '' ? [] : bytesField(number, utf8(text));
}

/** Each text of a list, empty ones too. */
export function textsField(number: number, texts: readonly string[]): number[] {
  return texts.flatMap((text) => bytesField(number, utf8(text)));
}

/** An integer; 0 is left out unless it is a chosen member of a `oneof`. */
export function numberField(number: number, value: number, isChosen = false): number[] {
  return value === 0 && !isChosen ? [] : [...varint(number * 8 + VARINT), ...varint(value)];
}

/** True is written, false left out. */
export function flagField(number: number, value: boolean): number[] {
  return numberField(number, value ? 1 : 0);
}
