import { describe, expect, it } from 'vitest';
import { readIgnoreFile } from '../../../core/context/ignoreFile';

describe('an ignore file', () => {
  it('has comments only in the first column', () => {
    expect(readIgnoreFile('# note\n  # pattern\n\\#x\n')).toEqual(['# pattern', '\\#x']);
  });

  it('loses a byte order mark, line ends of Windows and blanks around a pattern', () => {
    expect(readIgnoreFile('\uFEFFa.txt\r\n\t b.txt \r\n')).toEqual(['a.txt', 'b.txt']);
  });

  it('cleans patterns and drops a leading slash, also behind an exclamation mark', () => {
    expect(readIgnoreFile('/d/\n./e//f\n! /d/x\n')).toEqual(['d', 'e/f', '!d/x']);
  });

  it('keeps the order and a lone exclamation mark for the builder to refuse', () => {
    expect(readIgnoreFile('*\n!\n')).toEqual(['*', '!']);
  });
});
