const MAGIC = 0xfd2fb528;
/** Frames with any content, to be passed over (RFC 8878, 3.1.2). */
const SKIPPABLE = 0x184d2a50;
/** Bytes that a frame may ask for to be kept: what `zstd --ultra -22` needs, and sixteen times what decoders have to take. */
const MAX_WINDOW = 128 * 1024 * 1024;

type State = 'magic' | 'skip-size' | 'descriptor' | 'header' | 'block' | 'pass';

/**
 * Follows the frames of a zstd stream without unpacking it, and refuses one that asks for more memory than any layer
 * needs: a few bytes can ask for gigabytes (RFC 8878, 3.1.1).
 */
export class ZstdFrames {
  private state: State = 'magic';
  private readonly held: number[] = [];
  private wanted = 4;
  private left = 0;
  private after: State = 'magic';
  private descriptor = 0;

  /** Fails with a sentence. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.state === 'pass') {
        const passed = Math.min(this.left, chunk.length - at);
        this.left -= passed;
        at += passed;
        if (this.left === 0) this.enter(this.after);
      } else {
        this.held.push(chunk[at++] ?? 0);
        if (this.held.length === this.wanted) this.read(this.held.splice(0));
      }
    }
  }

  private read(bytes: readonly number[]): void {
    const number = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
    switch (this.state) {
      case 'magic':
        if (number === MAGIC) this.enter('descriptor');
        else if (number >= SKIPPABLE && number < SKIPPABLE + 16) this.enter('skip-size');
        else throw new Error('there is no zstd frame where one should begin');
        return;
      case 'skip-size':
        this.pass(number, 'magic');
        return;
      case 'descriptor':
        this.descriptor = number;
        this.enter('header');
        return;
      case 'header':
        this.checkWindow(bytes);
        this.enter('block');
        return;
      case 'block': {
        const [isLast, type, size] = [(number & 1) === 1, (number >> 1) & 3, number >> 3];
        const checksum = (this.descriptor & 4) === 0 ? 0 : 4;
        // a repeated byte is stored once
        this.pass((type === 1 ? 1 : size) + (isLast ? checksum : 0), isLast ? 'magic' : 'block');
        return;
      }
      case 'pass':
        return;
    }
  }

  private checkWindow(bytes: readonly number[]): void {
    const isSingle = (this.descriptor & 0x20) !== 0;
    let size: number;
    if (isSingle) {
      const content = bytes.slice(dictionaryLength(this.descriptor));
      size = content.reduceRight((sum, byte) => sum * 256 + byte, 0) + (content.length === 2 ? 256 : 0);
    } else {
      const [window = 0] = bytes;
      const base = 2 ** (10 + (window >> 3));
      size = base + (base / 8) * (window & 7);
    }
    if (size > MAX_WINDOW) throw new Error(`a zstd frame asks for ${size} bytes of memory, more than ${MAX_WINDOW}`);
  }

  private pass(bytes: number, after: State): void {
    this.left = bytes;
    this.after = after;
    this.enter(bytes === 0 ? after : 'pass');
  }

  private enter(state: State): void {
    this.state = state;
    const isSingle = (this.descriptor & 0x20) !== 0;
    const content = [isSingle ? 1 : 0, 2, 4, 8][this.descriptor >> 6] ?? 0;
    const header = (isSingle ? 0 : 1) + dictionaryLength(this.descriptor) + content;
    this.wanted = { magic: 4, 'skip-size': 4, descriptor: 1, header, block: 3, pass: 0 }[state];
  }
}

function dictionaryLength(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] ?? 0;
}
