import { describe, expect, it } from 'vitest';
import { readText, texts } from './manifest';

describe('package.nls.json', () => {
  const used = new Set([...readText('package.json').matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key ?? ''));

  it('has every text that the manifest asks for', () => {
    expect([...used].filter((key) => !texts[key])).toEqual([]);
  });

  it('has no text that nothing asks for', () => {
    expect(Object.keys(texts).filter((key) => !used.has(key))).toEqual([]);
  });
});
