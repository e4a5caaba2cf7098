/** The sequences that colour a terminal: they begin with the escape character. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** Text without the colours that it would have in a terminal: elsewhere they are signs. */
export function withoutColors(text: string): string {
  return text.replace(COLOR, '');
}
