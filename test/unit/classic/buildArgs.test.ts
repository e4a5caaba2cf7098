import { describe, expect, it } from 'vitest';
import { BuildArgs } from '../../../core/classic/buildArgs';

type Declared = readonly (readonly [string, string?])[];

/** Arguments of a stage: what was given, what stands before the first FROM, what the stage declares. */
function args(given: Readonly<Record<string, string>>, meta: Declared, own: Declared): BuildArgs {
  const all = new BuildArgs(new Map(Object.entries(given)));
  for (const [name, value] of meta) all.addMeta(name, value);
  const stage = all.forStage();
  for (const [name, value] of own) stage.add(name, value);
  return stage;
}

describe('build arguments of the classic builder', () => {
  const cases: readonly [
    string,
    Readonly<Record<string, string>>,
    Declared,
    Declared,
    readonly string[],
    readonly string[],
  ][] = [
    ['are none where nothing is declared', { A: '1' }, [], [], [], []],
    ['are none where what is declared has no value', {}, [], [['A']], [], []],
    ['have their default', {}, [], [['A', 'x']], [], ['|1', 'A=x']],
    ['have what was given instead', { A: '2' }, [], [['A', 'x']], [], ['|1', 'A=2']],
    ['may be empty', {}, [], [['A', '']], [], ['|1', 'A=']],
    [
      'are sorted by name and value',
      { B: '1', a: '2', A_: '3' },
      [],
      [['B'], ['a'], ['A_']],
      [],
      ['|3', 'A_=3', 'B=1', 'a=2'],
    ],
    ['keep values with blanks in one word', {}, [], [['A', 'x y']], [], ['|1', 'A=x y']],
    [
      'are hidden by ENV of that name, whatever its value',
      { A: '2' },
      [],
      [['A'], ['B', 'b']],
      ['A=', 'C=1'],
      ['|1', 'B=b'],
    ],
    [
      'of the head of the file are known where they are declared again',
      { V: 'given' },
      [
        ['V', 'v'],
        ['W', 'w'],
      ],
      [['V'], ['W']],
      [],
      ['|2', 'V=given', 'W=w'],
    ],
    ['of the head of the file are not known otherwise', {}, [['V', 'v']], [], [], []],
    ['have their own default rather than that of the head', {}, [['V', 'v']], [['V', 'own']], [], ['|1', 'V=own']],
    ['for proxies are not listed where they are not declared', { HTTP_PROXY: 'p' }, [], [], [], ['|0']],
    ['for proxies leave others listed', { no_proxy: 'n' }, [], [['A', '1']], [], ['|1', 'A=1']],
    [
      'for proxies are listed where they are declared',
      { https_proxy: 'p' },
      [],
      [['https_proxy']],
      [],
      ['|1', 'https_proxy=p'],
    ],
    ['for proxies are none where ENV has them', { HTTP_PROXY: 'p' }, [], [], ['HTTP_PROXY=q'], []],
    ['for proxies know no mixed case', { Http_Proxy: 'p' }, [], [], [], []],
    ['are declared again without a value, which takes the default away', {}, [], [['A', '1'], ['A']], [], []],
  ];
  it.each(cases)('%s', (_, given, meta, own, env, prefix) => {
    expect(args(given, meta, own).prefix(env)).toEqual(prefix);
  });

  it('of one stage are not known in the next one', () => {
    const all = new BuildArgs(new Map([['A', '1']]));
    all.forStage().add('A', undefined);
    expect([...all.forStage().visible([])]).toEqual([]);
  });

  it('before the first FROM are what FROM can name', () => {
    const all = new BuildArgs(
      new Map([
        ['V', 'given'],
        ['X', 'undeclared'],
      ]),
    );
    all.addMeta('V', 'default');
    all.addMeta('W', undefined);
    expect(Object.fromEntries(all.metaValues())).toEqual({ V: 'given' });
  });
});
