import { describe, expect, it } from 'vitest';
import { StageArgs } from '../../../core/buildah/stageArgs';

const BUILT_IN = { TARGETARCH: 'amd64', BUILDPLATFORM: 'linux/amd64' };

interface Given {
  readonly user?: Readonly<Record<string, string>>;
  readonly heading?: Readonly<Record<string, string>>;
  readonly declared?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
const mapOf = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));

function args({ user = {}, heading = {}, declared = [] }: Given): StageArgs {
  const made = new StageArgs({ user: mapOf(user), builtIn: mapOf(BUILT_IN) }, mapOf(heading));
  for (const one of declared) {
    made.declare(one);
    made.noteWritten(['ARG', one]);
  }
  return made;
}

describe('arguments before the command of a RUN', () => {
  const cases: readonly [string, Given, string][] = [
    ['are none without a declaration', { user: { A: '1' } }, ''],
    ['are none without a value', { declared: ['A'] }, ''],
    ['have their default', { declared: ['A=x'] }, '|1 A=x '],
    ['have what was given', { declared: ['A=x'], user: { A: '2' } }, '|1 A=2 '],
    ['may be empty', { declared: ['A='] }, '|1 A= '],
    ['are sorted', { declared: ['b=1', 'C=2', 'a=3'] }, '|3 C=2 a=3 b=1 '],
    ['are counted by their blanks', { declared: ['FOO=a b', 'BAR=c'] }, '|3 BAR=c FOO=a b '],
    ['have the value of ENV of the stage', { declared: ['FOO=1'], env: { FOO: 'e' } }, '|1 FOO=e '],
    ['are none that only ENV has', { env: { FOO: 'e' } }, ''],
    ['of the head are known where they are declared', { heading: { V: 'h', W: 'w' }, declared: ['V'] }, '|1 V=h '],
    ['have their own default rather than that of the head', { heading: { V: 'h' }, declared: ['V=o'] }, '|1 V=o '],
    ['keep an earlier default where they are declared again', { declared: ['A=1', 'A'] }, '|1 A=1 '],
    ['of the platform count once they are declared', { declared: ['TARGETARCH'] }, '|1 TARGETARCH=amd64 '],
    [
      'of the platform are what the user says',
      { declared: ['TARGETARCH'], user: { TARGETARCH: 'x' } },
      '|1 TARGETARCH=x ',
    ],
    ['of the platform have no default', { declared: ['TARGETARCH=mine'] }, '|1 TARGETARCH=amd64 '],
    ['for proxies are not listed where they are not declared', { user: { HTTP_PROXY: 'p' } }, ''],
    ['for proxies are listed where they are', { user: { no_proxy: 'p' }, declared: ['no_proxy'] }, '|1 no_proxy=p '],
    ['for ALL_PROXY are like any other', { user: { ALL_PROXY: 'p' }, declared: ['ALL_PROXY'] }, '|1 ALL_PROXY=p '],
  ];
  it.each(cases)('%s', (_, given, prefix) => {
    expect(args(given).prefix(mapOf(given.env ?? {}))).toBe(prefix);
  });
});

describe('names in the text of an ARG', () => {
  it('are those of all arguments with a value, sorted', () => {
    expect(args({ declared: ['B=1', 'A=2', 'C'] }).names).toBe('A B');
    expect(args({ declared: ['C'] }).names).toBe('');
  });

  it('include a proxy that was given', () => {
    expect(args({ user: { HTTP_PROXY: 'p' }, declared: ['A=1'] }).names).toBe('A HTTP_PROXY');
  });
});

describe('arguments before the first FROM', () => {
  it('know those of the platform, unless the user says otherwise', () => {
    const made = args({ user: { TARGETARCH: 'mine' } });
    made.allowBuiltIn();
    expect(Object.fromEntries(made.visible)).toEqual({ ...BUILT_IN, TARGETARCH: 'mine' });
  });
});
