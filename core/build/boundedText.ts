/** A text that keeps its beginning and its end when it grows beyond a limit. */
export class BoundedText {
  private head = '';
  private tail = '';
  private dropped = 0;

  /** @param limit characters */
  constructor(private readonly limit: number) {}

  add(text: string): void {
    const half = this.limit / 2;
    const room = half - this.head.length;
    if (room > 0 && this.tail === '') {
      this.head += text.slice(0, room);
      text = text.slice(room);
    }
    if (text === '') return;
    this.tail += text;
    // cut now and then: cutting at each addition would copy all of it each time
    if (this.tail.length > this.limit) this.cut(half);
  }

  toString(): string {
    const half = this.limit / 2;
    if (this.tail.length > half) this.cut(half);
    if (this.dropped === 0) return this.head + this.tail;
    return `${this.head}\n… ${this.dropped} characters left out …\n${this.tail}`;
  }

  private cut(length: number): void {
    this.dropped += this.tail.length - length;
    this.tail = this.tail.slice(-length);
  }
}
