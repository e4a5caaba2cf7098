import { describe, expect, it } from 'vitest';
import { chainFileCost } from '../../../core/chain/fileCost';
import type { ChainBase, ChainStage, ChainStep, StepPlace } from '../../../core/chain/step';
import { chainVerdicts, type ChainWords } from '../../../core/chain/verdicts';
import { ChainWalk, type ChainLookup, type Found, type StageEnd, type StepOutcome } from '../../../core/chain/walk';
import { UNKNOWN_SIZE, type Prediction, type Problem } from '../../../core/model';

/**
 * A builder whose steps are texts. `a?` may be what is kept as `a`, in one way or another; `a!` fails; `a %` is kept
 * or made like every other text that ends with `%`, if nobody knows better; `a @0` wants to know how stage 0 ended.
 */
class Cache implements ChainLookup<string> {
  /** By parent and text; the newest first. */
  private readonly kept = new Map<string, string[]>();
  readonly asked: string[] = [];
  readonly ends: (StageEnd | undefined)[] = [];

  constructor(kept: Readonly<Record<string, readonly string[]>>) {
    for (const [place, ids] of Object.entries(kept)) this.kept.set(place, [...ids]);
  }

  failure(probe: string) {
    return probe.endsWith('!') ? { code: 'source-missing' as const, message: `${probe} fails` } : undefined;
  }

  find(parent: string, probe: string, ended: (stage: number) => StageEnd | undefined): Found {
    this.asked.push(`${probe} on ${parent}`);
    const [, stage] = / @(\d)/.exec(probe) ?? [];
    if (stage !== undefined) this.ends.push(ended(Number(stage)));
    const ids = this.kept.get(`${parent} ${probe.replace(/\?$/, '')}`);
    const [newest] = ids ?? [];
    if (ids === undefined || newest === undefined) return { kind: 'none' };
    if (!probe.endsWith('?')) return { kind: 'hit', id: newest };
    return { kind: 'maybe', ids, why: { code: 'content-unknown', message: 'not read' } };
  }

  isSame(made: string, wanted: string): boolean | undefined {
    if (made.endsWith('%') && wanted.endsWith('%')) return undefined;
    return made === wanted;
  }

  image(name: string): string | undefined {
    return name === 'gone' ? undefined : name;
  }
}

let lines = 0;
const place = (text: string, stageIndex: number): StepPlace => ({
  ...{ line: { start: ++lines, end: lines }, stage: `s${stageIndex}`, stageIndex },
  ...{ instruction: text.split(' ', 1)[0] ?? '', text },
});

/** Stages as `base: step, step`; a base that is a number is an earlier stage, `-` before it: not needed. */
function stages(...texts: readonly string[]): ChainStage<string>[] {
  lines = 0;
  return texts.map((text, index) => {
    const [, minus, name = '', rest = ''] = /^(-?)([^:]*): ?(.*)$/.exec(text) ?? [];
    const base: ChainBase =
      name === 'scratch'
        ? { kind: 'scratch' }
        : name === 'broken'
          ? { kind: 'failure', message: 'no such base' }
          : /^\d$/.test(name)
            ? { kind: 'stage', index: Number(name) }
            : { kind: 'image', name };
    const from = place(`FROM ${name}`, index);
    const steps = rest === '' ? [] : rest.split(', ').map((one) => stepOf(one, index));
    return { index, label: `s${index}`, from, base, steps, needed: minus === '' };
  });
}

function stepOf(text: string, index: number): ChainStep<string> {
  const at = place(text, index);
  if (text === 'refused') return { ...at, kind: 'failure', message: 'refused' };
  if (text === 'open') return { ...at, kind: 'open', message: 'nobody knows' };
  return { ...at, kind: 'step', probe: text };
}

function inShort(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'hit':
      return `hit ${outcome.id}`;
    case 'miss':
      return `miss on ${outcome.parents.join('|')}`;
    case 'open':
      return `open ${outcome.why.code}${outcome.line === undefined ? '' : ` line ${outcome.line}`}`;
    case 'fails':
      return `fails ${outcome.why.code}`;
    case 'made-before':
    case 'follows':
    case 'not-reached':
      return `${outcome.kind} ${outcome.line}`;
    default:
      return outcome.kind;
  }
}

function walk(cache: Cache, all: readonly ChainStage<string>[], noCache = false): string[][] {
  const walking = new ChainWalk(cache, noCache);
  return all.map((stage) => {
    const { from, steps } = walking.stage(stage);
    return [...(from === undefined ? [] : [inShort(from)]), ...steps.map(inShort)];
  });
}

describe('a build that makes one image after the other', () => {
  it('hits as long as each image stands on the one before', () => {
    const cache = new Cache({ 'base a': ['A'], 'A b': ['B'], 'base b': ['elsewhere'] });
    expect(walk(cache, stages('base: a, b'))).toEqual([['hit A', 'hit B']]);
  });

  it('takes what the lookup calls the newest', () => {
    const cache = new Cache({ 'base a': ['newer', 'older'], 'newer b': ['B'] });
    expect(walk(cache, stages('base: a, b'))).toEqual([['hit newer', 'hit B']]);
  });

  it('does not look up anything after the first miss of a stage', () => {
    const cache = new Cache({ 'base a': ['A'], 'A c': ['C'] });
    expect(walk(cache, stages('base: a, b, c'))).toEqual([['hit A', 'miss on A', 'follows 3']]);
    expect(cache.asked).toEqual(['a on base', 'b on A']);
  });

  it('begins to look up again in the next stage', () => {
    const cache = new Cache({ 'base a': ['A'], 'base c': ['C'] });
    expect(walk(cache, stages('base: b, a', 'base: c'))).toEqual([['miss on base', 'follows 2'], ['hit C']]);
  });

  it('stands on no image from scratch', () => {
    const cache = new Cache({ ' a': ['A'] });
    expect(walk(cache, stages('scratch: a', 'scratch: b'))).toEqual([['hit A'], ['miss on ']]);
  });

  it('goes on from the last image of the stage that it stands on', () => {
    const cache = new Cache({ 'base a': ['A'], 'A b': ['B'] });
    expect(walk(cache, stages('base: a', '0: b', '1: c'))).toEqual([['hit A'], ['hit B'], ['miss on B']]);
  });

  it('follows from the line that makes the image of an earlier stage', () => {
    const cache = new Cache({ 'base b': ['B'] });
    expect(walk(cache, stages('base: a', '0: b, c', '1: d'))).toEqual([
      ['miss on base'],
      ['follows 2', 'follows 4'],
      ['follows 5'],
    ]);
    // nothing that is kept stands on an image that is only made now
    expect(cache.asked).toEqual(['a on base']);
  });

  it('finds in a later stage what an earlier one made', () => {
    const cache = new Cache({});
    expect(walk(cache, stages('base: a, b', 'base: a, b, c', 'base: b'))).toEqual([
      ['miss on base', 'follows 2'],
      ['made-before 2', 'made-before 3', 'follows 3'],
      ['miss on base'],
    ]);
  });

  it('finds the newest: what this build made before what is kept', () => {
    // the second stage does not look up `a` any more, and makes it once more
    const cache = new Cache({ 'base a': ['A'], 'A b': ['B'] });
    expect(walk(cache, stages('base: x, a', 'base: a, b'))).toEqual([
      ['miss on base', 'follows 2'],
      ['hit A', 'hit B'],
    ]);
    const again = new Cache({ 'base a': ['A'], 'A b': ['B'], 'A x': ['X'] });
    expect(walk(again, stages('base: a, y, b', '0: b', 'base: a, b'))).toEqual([
      ['hit A', 'miss on A', 'follows 3'],
      ['follows 4'],
      ['hit A', 'hit B'],
    ]);
  });

  it('makes everything with --no-cache, and finds nothing that it made itself', () => {
    const cache = new Cache({ 'base a': ['A'] });
    expect(walk(cache, stages('base: a, b', 'base: a', '0: c'), true)).toEqual([
      ['no-cache', 'no-cache'],
      ['no-cache'],
      ['no-cache'],
    ]);
    expect(cache.asked).toEqual([]);
  });
});

describe('a step of which nobody knows what it finds', () => {
  it('is open, and so is all that stands on it, as far as something is kept', () => {
    const cache = new Cache({ 'base a': ['A1', 'A2'], 'A2 b': ['B'] });
    expect(walk(cache, stages('base: a?, b, c'))).toEqual([
      ['open content-unknown', 'open parent-uncertain line 2', 'miss on B'],
    ]);
  });

  it('leaves nothing open where none of its results leads on', () => {
    const cache = new Cache({ 'base a': ['A1', 'A2'] });
    expect(walk(cache, stages('base: a?, b, c'))).toEqual([['open content-unknown', 'miss on A1|A2', 'follows 2']]);
  });

  it('stays open where each of its results leads on: it may be made anew all the same', () => {
    const cache = new Cache({ 'base a': ['A1', 'A2'], 'A1 b': ['B1'], 'A2 b': ['B2'] });
    expect(walk(cache, stages('base: a?, b'))).toEqual([['open content-unknown', 'open parent-uncertain line 2']]);
  });

  it('leaves a stage on it open with all its possible parents', () => {
    const cache = new Cache({ 'base a': ['A1', 'A2'], 'A1 b': ['B1'], 'A2 b': ['B2'] });
    expect(walk(cache, stages('base: a?', '0: b', '0: c'))).toEqual([
      ['open content-unknown'],
      ['open parent-uncertain line 2'],
      ['miss on A1|A2|made:1'],
    ]);
  });

  it('is certain where no image is kept that it could be', () => {
    expect(walk(new Cache({}), stages('base: a?, b'))).toEqual([['miss on base', 'follows 2']]);
  });

  it('may be what an earlier stage of this build made', () => {
    const cache = new Cache({});
    expect(walk(cache, stages('base: a %', 'base: b %, c'))).toEqual([
      ['miss on base'],
      ['open depends-on-output', 'miss on made:1'],
    ]);
  });

  it('may be what an earlier stage made, which itself is not certain', () => {
    const cache = new Cache({ 'base a': ['A'] });
    const [, second] = walk(cache, stages('base: a?', 'base: a?, b'));
    expect(second?.[0]).toBe('open depends-on-output');
  });

  it('is one that cannot be planned, with all behind it', () => {
    const cache = new Cache({ 'base a': ['A'], 'A b': ['B'] });
    expect(walk(cache, stages('base: a, open, b', '0: b'))).toEqual([
      ['hit A', 'open not-covered', 'open not-covered line 3'],
      ['open not-covered line 3'],
    ]);
  });

  it('is every one on an image that has to be fetched', () => {
    const cache = new Cache({ 'base a': ['A'] });
    expect(walk(cache, stages('gone: a, b', 'base: a'))).toEqual([
      ['open image-not-local', 'open image-not-local'],
      ['hit A'],
    ]);
  });
});

describe('a build that stops', () => {
  it('does so at the first step that fails, whatever is kept', () => {
    const cache = new Cache({ 'base a': ['A'], 'A b!': ['B'] });
    expect(walk(cache, stages('base: a, b!, c', 'base: a'))).toEqual([
      ['hit A', 'fails source-missing', 'not-reached 3'],
      ['not-reached 3', 'not-reached 3'],
    ]);
  });

  it('does so at what the builder refuses, also where the base is not known', () => {
    expect(walk(new Cache({}), stages('gone: a, refused, b'))).toEqual([
      ['open image-not-local', 'fails bad-instruction', 'not-reached 3'],
    ]);
  });

  it('does so at a base that is none', () => {
    expect(walk(new Cache({}), stages('broken: a', 'base: a'))).toEqual([
      ['fails bad-instruction', 'not-reached 1'],
      ['not-reached 1', 'not-reached 1'],
    ]);
  });

  it('does not stop at what is not built', () => {
    const cache = new Cache({ 'base a': ['A'] });
    expect(walk(cache, stages('-base: a!, b', 'base: a'))).toEqual([['unused', 'unused', 'unused'], ['hit A']]);
  });

  it('does so with --no-cache, too', () => {
    expect(walk(new Cache({}), stages('base: a!'), true)).toEqual([['fails source-missing']]);
  });
});

describe('how an earlier stage ended', () => {
  const cases: readonly [string, Readonly<Record<string, string[]>>, string, StageEnd | undefined][] = [
    ['kept, with nothing but hits', { 'base a': ['A'] }, 'base: a', 'kept'],
    ['kept, without steps', {}, 'base:', 'kept'],
    ['made, with a miss', {}, 'base: a', 'made'],
    ['open, with what nobody knows', { 'base a': ['A'] }, 'base: a?', 'open'],
    ['open, on an image that nobody knows', {}, 'gone: a', 'open'],
    ['made, when what was open led nowhere', { 'base a': ['A'] }, 'base: a?, b', 'made'],
    ['not at all, when it is not built', {}, '-base: a', undefined],
  ];
  it.each(cases)('is %s', (_, kept, first, end) => {
    const cache = new Cache(kept);
    walk(cache, stages(first, 'base: x @0'));
    expect(cache.ends).toEqual([end]);
  });
});

describe('verdicts of a build that makes one image after the other', () => {
  const words: ChainWords<string> = {
    imageBytes: (name) => (name === 'base' ? 7 : undefined),
    size: () => UNKNOWN_SIZE,
    missed: (line, probe) => ({ code: 'never-built', message: `never ${probe ?? '?'}`, causeLine: line }),
    unnoticed: (line, probe, id) =>
      probe === 'blind' ? [{ code: 'change-unnoticed', message: `${probe} ${id}`, line }] : [],
    notNeeded: (target) => `not for ${target}`,
  };
  function predict(
    cache: Cache,
    all: ChainStage<string>[],
    more: { problems?: Problem[]; uncovered?: string; noCache?: boolean } = {},
  ): Pick<Prediction, 'steps' | 'problems' | 'summary'> {
    const { problems = [], uncovered, noCache = false } = more;
    return chainVerdicts({
      globals: [],
      stages: all,
      target: 's1',
      problems,
      noCache,
      uncovered,
      lookup: cache,
      words,
      builder: 'classic',
    });
  }
  const verdictsOf = (made: Pick<Prediction, 'steps'>): string[] =>
    made.steps.map(
      ({ text, verdict, reason: { code, causeLine } }) => `${text}: ${verdict}, ${code} ${causeLine ?? '-'}`,
    );

  it('say where everything comes from', () => {
    const cache = new Cache({ 'base a': ['sha256:0123456789abcdef'] });
    const made = predict(cache, stages('base: a, b, c', 'scratch: d', '-base: e', '1: f'));
    expect(verdictsOf(made)).toEqual([
      'FROM base: cached, image-present -',
      'a: cached, same-as-build -',
      'b: rebuild, never-built 3',
      'c: rebuild, parent-rebuilds 3',
      'FROM scratch: no-layer, metadata-only -',
      'd: rebuild, never-built 6',
      'FROM base: unused, not-needed -',
      'e: unused, not-needed -',
      'FROM 1: no-layer, metadata-only -',
      'f: rebuild, parent-rebuilds 6',
    ]);
    expect(made.steps[0]?.size).toEqual({ bytes: 7, basis: 'measured' });
    expect(made.steps[1]?.reason.message).toBe('an earlier build made it: image 0123456789ab');
    expect(made.steps[7]?.reason.message).toBe('not for s1');
  });

  it('are for an image that has to be fetched what may come of it', () => {
    expect(verdictsOf(predict(new Cache({}), stages('gone: a')))).toEqual([
      'FROM gone: may-hit, image-not-local 1',
      'a: may-hit, image-not-local 2',
    ]);
  });

  it('are never certain where an option is not followed, but for what fails anyway', () => {
    const cache = new Cache({ 'base a': ['A'] });
    const made = predict(cache, stages('base: a, b, c!, d'), { uncovered: 'who knows' });
    expect(verdictsOf(made).slice(1)).toEqual([
      'a: may-hit, not-covered 2',
      'b: may-hit, not-covered 3',
      'c!: fails, source-missing 4',
      'd: unknown, source-missing 4',
    ]);
  });

  it('make a missing source a problem of its line', () => {
    expect(predict(new Cache({}), stages('base: a!')).problems).toEqual([
      { code: 'copy-source-missing', message: 'a! fails', line: 2 },
    ]);
  });

  it('are none where the builder does not come to its first step', () => {
    const problems: Problem[] = [{ code: 'bad-instruction', message: 'no such instruction', line: 3 }];
    const cache = new Cache({ 'base a': ['A'] });
    expect(verdictsOf(predict(cache, stages('base: a, b'), { problems }))).toEqual([
      'FROM base: unknown, bad-instruction 3',
      'a: unknown, bad-instruction 3',
      'b: fails, bad-instruction 3',
    ]);
    expect(cache.asked).toEqual([]);
  });

  it('tell what goes unnoticed only of what is certainly taken from the cache', () => {
    const cache = new Cache({ 'base blind': ['A'] });
    const problem = { code: 'change-unnoticed', message: 'blind A', line: 2 };
    expect(predict(cache, stages('base: blind')).problems).toEqual([problem]);
    expect(predict(cache, stages('base: blind'), { uncovered: 'x' }).problems).toEqual([]);
    expect(predict(cache, stages('base: blind'), { noCache: true }).problems).toEqual([]);
    expect(predict(new Cache({}), stages('base: blind')).problems).toEqual([]);
  });
});

describe('what a change of a file costs', () => {
  it('is every step that takes it, and all that follows in its stage and in those on it', () => {
    const all = stages('base: a, take, b', 'base: c', '0: d', '-base: take', '2: e');
    const steps = new ChainWalk(new Cache({}), false);
    for (const stage of all) steps.stage(stage);
    const { steps: predicted } = chainVerdicts({
      ...{ globals: [place('ARG X', -1)], stages: all, target: '', problems: [], noCache: false, uncovered: undefined },
      ...{ lookup: new Cache({}), builder: 'classic' },
      words: {
        ...{ imageBytes: () => undefined, size: () => UNKNOWN_SIZE, unnoticed: () => [], notNeeded: () => '' },
        missed: () => ({ code: 'never-built', message: '' }),
      },
    });
    const cost = chainFileCost(all, 1, predicted, (probe) => probe === 'take');
    expect(cost.takenBy.map(({ text, stageIndex }) => `${stageIndex} ${text}`)).toEqual(['0 take']);
    expect(cost.executed.map(({ text }) => text)).toEqual(['take', 'b', 'd', 'e']);
  });
});
