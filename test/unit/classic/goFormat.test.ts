import { describe, expect, it } from 'vitest';
import { byteOrder, goList, goQuote, goQuoteList } from '../../../core/classic/goFormat';

describe('a text as Go quotes it', () => {
  it.each([
    ['plain words', '"plain words"'],
    ['', '""'],
    ['say "hi"', '"say \\"hi\\""'],
    ["it's $HOME", '"it\'s $HOME"'],
    ['back\\slash', '"back\\\\slash"'],
    ['a\tb\nc\rd', '"a\\tb\\nc\\rd"'],
    ['\x07\b\f\v', '"\\a\\b\\f\\v"'],
    ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['grüße 世界 🎉', '"grüße 世界 🎉"'],
    ['e\u0301', '"e\u0301"'],
    ['no\u00a0break', '"no\\u00a0break"'],
    ['soft\u00adhyphen', '"soft\\u00adhyphen"'],
    ['zero\u200bwidth', '"zero\\u200bwidth"'],
    ['\u0085\u2028', '"\\u0085\\u2028"'],
    ['\ufeff', '"\\ufeff"'],
    ['\ufffd', '"\ufffd"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['\ue000', '"\\ue000"'],
  ])('is %j as %s', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  it('stands in brackets with others, blanks between', () => {
    expect(goQuoteList(['/bin/sh', '-c', 'echo "a b"'])).toBe('["/bin/sh" "-c" "echo \\"a b\\""]');
    expect(goQuoteList([])).toBe('[]');
    expect(goQuoteList([''])).toBe('[""]');
  });

  it('is as it is in a plain list', () => {
    expect(goList(['/a b', '"c"'])).toBe('[/a b "c"]');
    expect(goList([])).toBe('[]');
  });
});

describe('the order of texts', () => {
  it('is that of their bytes', () => {
    const sorted = ['', '10', '2', 'A', 'Z', '_', 'a', 'a=1', 'aa', 'b', 'é', '\uffff', '🎉'];
    expect([...sorted].reverse().sort(byteOrder)).toEqual(sorted);
    expect([...sorted].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(sorted);
    expect(byteOrder('same', 'same')).toBe(0);
  });
});
