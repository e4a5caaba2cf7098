import { describe, expect, it } from 'vitest';
import { shortPlace } from '../../../core/ledger/notedChain';
import { builds, falsified, HOSTS, inWords, noted, type ChainHost } from './chainSession';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
const TEXT = stage('RUN one', 'COPY f /f', 'RUN two');
const filesWith = (content: string) => ({ files: ['Dockerfile @1', `f 644 @1 =${content}`] });
const [OLD, NEW, OTHER] = [filesWith('old'), filesWith('new'), filesWith('other')];

/** The place of the newest image whose text ends so. */
function placeOf(host: ChainHost, parent: string, end: string): string {
  const found = host
    .graph()
    .of(parent)
    .find(({ text }) => text.endsWith(end));
  return found?.place ?? '';
}

describe.each(HOSTS)('a build with %s', (_, make) => {
  /** An engine that built everything with the old file, some time ago. */
  const used = (): ChainHost => {
    const host = make();
    host.build(TEXT, OLD);
    host.later(3600);
    return host;
  };
  const base = (host: ChainHost): string => {
    const [first] = noted(host, stage('RUN something else')).stages;
    return typeof first?.base === 'string' ? first.base : '';
  };

  it('confirms hits above what it made, and what it made', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(TEXT, NEW);
    const [build] = builds(host, [note]);
    expect(inWords(builds(host, [note]))).toEqual(['3 right, 0 wrong']);
    expect(Object.keys(build?.comparison.classes ?? {}).sort()).toEqual([
      `${host.kind} COPY rebuild certain file-changed`,
      `${host.kind} RUN cached certain same-as-build`,
      `${host.kind} RUN rebuild certain parent-rebuilds`,
    ]);
    expect(build?.ref).toBe(host.images[3]?.id.replace('sha256:', ''));
  });

  it('is told once, and stays the same while it runs on', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(TEXT, NEW);
    const all = builds(host, [note, note]);
    host.removeNewest();
    const [part] = builds(host, [note]);
    expect(all).toHaveLength(1);
    expect(part?.ref).toBe(all[0]?.ref);
    expect(inWords(builds(host, [note]))).toEqual(['2 right, 0 wrong']);
  });

  it('that executed what was said to be cached is a mistake', () => {
    const host = used();
    const text = stage('RUN one', 'ENV X=1', 'RUN x');
    const kept = placeOf(host, placeOf(host, base(host), 'RUN one'.slice(4)), '');
    const note = falsified(noted(host, text), 3, { verdict: 'cached', image: shortPlace(kept) });
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['2 right, 1 wrong']);
    expect(builds(host, [note])[0]?.comparison.mismatches).toEqual([
      {
        ...{ line: 3, instruction: 'ENV', class: `${host.kind} ENV cached certain same-as-build` },
        ...{ actual: 'executed', follows: false },
      },
    ]);
  });

  it('that had what was said to be executed is a mistake', () => {
    const host = used();
    const note = falsified(noted(host, TEXT, NEW), 2, { verdict: 'rebuild' });
    host.build(TEXT, NEW);
    expect(inWords(builds(host, [note]))).toEqual(['2 right, 1 wrong']);
    expect(builds(host, [note])[0]?.comparison.mismatches).toMatchObject([
      { line: 2, actual: 'cached', follows: false },
    ]);
  });

  it('of files that changed since is not judged from there on', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(TEXT, OTHER);
    expect(inWords(builds(host, [note]))).toEqual(['1 right, 0 wrong, 2 other-files']);
  });

  it('of another text is none of that prediction', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(stage('RUN one', 'RUN other', 'COPY f /f'), NEW);
    host.build(stage('RUN first', 'COPY f /f'), NEW);
    expect(builds(host, [note])).toEqual([]);
  });

  it('does not count what was removed in between', () => {
    const host = used();
    const text = stage('RUN one', 'ENV X=1', 'RUN x');
    const note = falsified(noted(host, text), 3, { verdict: 'cached', image: 'gone' });
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['1 right, 0 wrong, 2 removed-result']);
  });

  it('beside another one that began before there was a result is not judged', () => {
    const host = make();
    host.build(stage('RUN one', 'RUN two'), OLD);
    host.later(100);
    const text = stage('RUN one', 'RUN three');
    const kept = placeOf(host, placeOf(host, base(host), 'one'), 'two');
    const note = falsified(noted(host, text), 3, { verdict: 'cached', image: shortPlace(kept) });
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['1 right, 0 wrong, 1 another-build']);
  });

  it('is not judged where two builds went on from what one of them made', () => {
    const host = used();
    const text = stage('RUN fresh', 'COPY f /f', 'RUN two');
    const note = noted(host, text, NEW);
    host.build(text, NEW);
    host.build(text, OTHER);
    expect(inWords(builds(host, [note]))).toEqual(['1 right, 0 wrong, 2 another-build']);
  });

  it('that executed even the first step is taken for one without cache', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(TEXT, { ...NEW, noCache: true });
    expect(builds(host, [note])).toEqual([]);
  });

  it('whose very first step took other files is told, and not judged', () => {
    const host = make();
    const text = stage('COPY f /f', 'RUN two');
    host.build(text, OLD);
    host.later(3600);
    const note = noted(host, text, OLD);
    host.build(text, NEW);
    expect(inWords(builds(host, [note]))).toEqual(['0 right, 0 wrong, 2 other-files']);
    expect(builds(host, [note])[0]?.seen?.map(({ executed }) => executed)).toEqual([true, true]);
  });

  it('belongs to the last prediction before it', () => {
    const host = used();
    const [first, second] = [noted(host, TEXT, OTHER), noted(host, TEXT, NEW)];
    host.build(TEXT, NEW);
    const third = noted(host, TEXT, NEW);
    expect(builds(host, [first, second, third]).map((one) => one.noted)).toEqual([second]);
    expect(inWords(builds(host, [first, second, third]))).toEqual(['3 right, 0 wrong']);
  });

  it('on another engine, of another builder, or before the prediction is none', () => {
    const host = used();
    const note = noted(host, TEXT, NEW);
    host.build(TEXT, NEW);
    expect(builds(host, [note], { engine: 'another' })).toEqual([]);
    expect(builds(host, [note], { builder: 'buildkit' })).toEqual([]);
    expect(builds(host, [{ ...note, madeAt: note.madeAt + 60_000 }])).toEqual([]);
  });

  it('of several stages is one build', () => {
    const host = make();
    const text = 'FROM busybox:1 AS a\nRUN a\nRUN b\nFROM busybox:1\nRUN c\nCOPY --from=a /x /x\nRUN d\n';
    const note = noted(host, text);
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['5 right, 0 wrong']);
    expect(builds(host, [note])[0]?.ref).toBe(host.images[0]?.id.replace('sha256:', ''));
  });

  it('of a stage on a stage judges what both stand on once', () => {
    const host = make();
    const text = 'FROM busybox:1 AS a\nRUN a\nFROM a\nRUN b\n';
    host.build('FROM busybox:1 AS a\nRUN a\nFROM a\nRUN old\n');
    host.later(3600);
    const note = noted(host, text);
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['2 right, 0 wrong']);
  });

  it('says nothing of a hit on what the build itself makes', () => {
    const host = make();
    const text = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1\nRUN a\nRUN b\n';
    const note = noted(host, text);
    host.build(text);
    expect(inWords(builds(host, [note]))).toEqual(['2 right, 0 wrong']);
  });
});
