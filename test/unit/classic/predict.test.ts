import { describe, expect, it } from 'vitest';
import { classicFileCost, predictClassicProject } from '../../../core/classic/project';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST } from '../../../core/plan/graph';
import { ClassicEngine, Files, stepWith, type ClassicBuild } from '../support/classic';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
const FILES = ['Dockerfile @1', 'f 644 @1 =one', 'd/ 755 @1', 'd/x 644 @1 =x', 'other @1 =z'];
const again = (text: string, first: ClassicBuild, second: ClassicBuild, now = text): string[] =>
  new ClassicEngine().build(text, first).told(now, second);
/** Hits and misses as letters. */
const letters = (steps: readonly string[]): string => steps.map((one) => one.charAt(0).toUpperCase()).join('');

describe('a second build', () => {
  const text = stage('COPY f /f', 'COPY d /d', 'RUN make', 'CMD ["x"]');
  const changes: readonly [string, readonly string[], string][] = [
    ['nothing', FILES, 'HHHH'],
    ['times', FILES.map((one) => one.replace('@1', '@4000')), 'HHHH'],
    ['content', FILES.map((one) => one.replace('=one', '=two')), 'MMMM'],
    ['mode of a file', FILES.map((one) => one.replace('f 644', 'f 755')), 'MMMM'],
    ['mode of the copied folder', FILES.map((one) => one.replace('d/ 755', 'd/ 700')), 'HMMM'],
    ['a name in a folder', FILES.map((one) => one.replace('d/x', 'd/y')), 'HMMM'],
    ['a file that nobody copies', FILES.map((one) => one.replace('=z', '=Z')), 'HHHH'],
    ['an empty folder in a folder', [...FILES, 'd/e/ 755'], 'HMMM'],
    ['a file that is gone', FILES.filter((one) => !one.startsWith('d/x')), 'HMMM'],
  ];
  it.each(changes)('after a change of %s', (_, files, expected) => {
    expect(letters(again(text, { files: new Files(...FILES) }, { files: new Files(...files) }))).toBe(expected);
  });

  const edits: readonly [string, string, string, string][] = [
    ['another ENV value', 'ENV A=1\nRUN a', 'ENV A=2\nRUN a', 'MM'],
    ['order in ENV', 'ENV A=1 B=2\nRUN a', 'ENV B=2 A=1\nRUN a', 'MM'],
    ['quotes in ENV', 'ENV A=1\nRUN a', 'ENV A="1"\nRUN a', 'HH'],
    ['the old form of ENV', 'ENV A=1\nRUN a', 'ENV A 1\nRUN a', 'HH'],
    ['ENV in two lines', 'ENV A=1 B=2\nRUN a', 'ENV A=1\nENV B=2\nRUN a', 'MMM'],
    ['order in LABEL', 'LABEL a=1 b=2', 'LABEL b=2 a=1', 'M'],
    ['a blank in RUN', 'RUN a  b', 'RUN a b', 'M'],
    ['a comment in a continuation', 'RUN a \\\n b', 'RUN a \\\n# why\n b', 'H'],
    ['case of the keyword', 'RUN a\nENV A=1', 'run a\nenv A=1', 'HH'],
    ['default of ARG', 'ENV X=1\nARG A=1\nRUN a', 'ENV X=1\nARG A=2\nRUN a', 'HMM'],
    ['ARG moved below RUN', 'ARG A=1\nRUN a', 'RUN a\nARG A=1', 'MM'],
    ['order of ports', 'EXPOSE 80 443', 'EXPOSE 443 80', 'H'],
    ['a port with its protocol', 'EXPOSE 80', 'EXPOSE 80/tcp', 'M'],
    ['a relative WORKDIR that is the same', 'WORKDIR /a\nWORKDIR b', 'WORKDIR /a\nWORKDIR /a/b', 'HH'],
    ['CMD of the shell and its words', 'CMD a', 'CMD ["/bin/sh","-c","a"]', 'H'],
    ['an inserted instruction', 'RUN a\nRUN b', 'RUN a\nENV X=1\nRUN b', 'HMM'],
    ['an appended instruction', 'RUN a', 'RUN a\nRUN b', 'HM'],
    ['a variable that comes to the same', 'ENV A=x\nLABEL l=x', 'ENV A=x\nLABEL l=$A', 'HH'],
    ['an owner that is the usual one', 'COPY f /', 'COPY --chown=0:0 f /', 'M'],
    ['ADD for COPY', 'COPY f /', 'ADD f /', 'M'],
    ['the destination in other words', 'WORKDIR /w\nCOPY f /w/', 'WORKDIR /w\nCOPY f ./', 'HM'],
    ['the source in other words', 'COPY d /d', 'COPY ./d/ /d', 'H'],
    ['HEALTHCHECK in another unit', 'HEALTHCHECK --interval=8.2s CMD a', 'HEALTHCHECK --interval=8200ms CMD a', 'H'],
    ['another HEALTHCHECK', 'HEALTHCHECK CMD a', 'HEALTHCHECK CMD b', 'M'],
    ['the same volumes as a list', 'VOLUME /a /b', 'VOLUME ["/a","/b"]', 'H'],
  ];
  it.each(edits)('with %s', (_, before, after, expected) => {
    const files = new Files(...FILES);
    expect(letters(again(stage(before), { files }, { files }, stage(after)))).toBe(expected);
  });

  const args: readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string][] = [
    ['another value', { A: '1' }, { A: '2' }, 'HHHM'],
    ['a value for the first time', {}, { A: '2' }, 'HHHM'],
    ['its default', {}, { A: 'd' }, 'HHHH'],
    ['one that is not declared', {}, { NONE: 'x' }, 'HHHH'],
    ['a proxy for the first time', {}, { HTTP_PROXY: 'p' }, 'HHHM'],
    ['another proxy', { HTTP_PROXY: 'p' }, { HTTP_PROXY: 'q' }, 'HHHH'],
  ];
  it.each(args)('with a build argument: %s', (_, before, after, expected) => {
    const text = stage('RUN first', 'ARG A=d', 'ENV X=1', 'RUN second');
    const run = after['HTTP_PROXY'] !== undefined && before['HTTP_PROXY'] === undefined;
    // a proxy counts for every RUN
    expect(letters(again(text, { args: before }, { args: after }))).toBe(run ? 'MMMM' : expected);
  });

  it('takes proxies of the configuration of docker for arguments', () => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    engine.proxies = new Map([['HTTP_PROXY', 'p']]);
    expect(engine.told(stage('RUN a'))).toEqual(['MISS RUN a']);
    expect(engine.build(stage('RUN a')).told(stage('RUN a'))).toEqual(['hit RUN a']);
  });

  it('follows its stages: what is gone of one leaves the others alone', () => {
    const text = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1 AS b\nRUN b\nFROM a\nRUN c\n';
    const engine = new ClassicEngine().build(text);
    expect(engine.told(text)).toEqual(['hit RUN a', 'hit RUN b', 'hit RUN c']);
    const now = text.replace('RUN b', 'RUN B');
    expect(engine.told(now)).toEqual(['hit RUN a', 'MISS RUN B', 'hit RUN c']);
    expect(engine.told(text, { target: 'a' })).toEqual(['hit RUN a', 'unused RUN b', 'unused RUN c']);
  });

  it('hits what an earlier stage of the same build makes', () => {
    const text = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1\nRUN a\nRUN b\n';
    expect(new ClassicEngine().told(text)).toEqual(['MISS RUN a', 'hit RUN a', 'MISS RUN b']);
  });

  it('executes everything with --no-cache, and finds that later', () => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    expect(engine.told(stage('RUN a'), { noCache: true })).toEqual(['MISS RUN a']);
    expect(stepWith(engine.predict(stage('RUN a'), { noCache: true }), 'RUN').reason.code).toBe('no-cache');
    engine.build(stage('RUN a'), { noCache: true });
    expect(stepWith(engine.predict(stage('RUN a')), 'RUN').reason.message).toContain('image1');
  });

  it('hits in the store of containerd, too, where another environment is seen', () => {
    const engine = new ClassicEngine().build(stage('ENV A="1 B=2"', 'RUN a'));
    engine.store = 'containerd';
    expect(engine.told(stage('ENV A="1 B=2"', 'RUN a'))).toEqual(['hit ENV A="1 B=2"', 'hit RUN a']);
    expect(letters(engine.told(stage('ENV A=1 B=2', 'RUN a')))).toBe('MM');
  });

  it('does not share copies between a docker before 24 and a later one', () => {
    const files = new Files(...FILES);
    const engine = new ClassicEngine().build(stage('COPY f /', 'COPY d /'), { files });
    engine.typeBits = true;
    expect(letters(engine.told(stage('COPY f /', 'COPY d /'), { files }))).toBe('MM');
  });
});

describe('ignore rules of a second build', () => {
  const text = stage('COPY . /');
  const files = (...more: readonly string[]) => new Files('Dockerfile @1 =x', '.dockerignore @1 =i', ...more);

  it('miss when a file is ignored that was copied, not when an ignored one changes', () => {
    const ignore = ['d/x', 'Dockerfile', '.dockerignore'];
    const engine = new ClassicEngine().build(text, { files: files('d/ 755', 'd/x =1'), ignore });
    expect(letters(engine.told(text, { files: files('d/ 755', 'd/x =2'), ignore }))).toBe('H');
    expect(letters(engine.told(text, { files: files('d/ 755', 'd/x =1'), ignore: ignore.slice(1) }))).toBe('M');
  });

  it('count themselves where they are copied', () => {
    const before = files();
    const changed = new Files('Dockerfile @1 =x', '.dockerignore @1 =other');
    expect(letters(again(text, { files: before, ignore: ['z'] }, { files: changed, ignore: ['z'] }))).toBe('M');
    const own = ['.dockerignore'];
    expect(letters(again(text, { files: before, ignore: own }, { files: changed, ignore: own }))).toBe('H');
  });

  it('take a link to an ignored folder for its own path', () => {
    const where = (name: string) => new Files('Dockerfile', '.dockerignore', 'd/ 755', 'd/k =1', `${name} 777 >d`);
    const ignore = ['Dockerfile', '.dockerignore', 'd', '!d/k'];
    expect(letters(again(text, { files: where('a'), ignore }, { files: where('b'), ignore }))).toBe('M');
  });
});

describe('what is open', () => {
  const text = 'FROM busybox:1 AS a\nRUN a\nFROM busybox:1\nCOPY --from=a /x /y\nRUN b\n';

  it('is a copy from a stage, and what follows from it', () => {
    const engine = new ClassicEngine().build(text);
    const made = engine.predict(text);
    expect(stepWith(made, 'COPY')).toMatchObject({ verdict: 'may-hit', reason: { code: 'depends-on-output' } });
    expect(stepWith(made, 'RUN b')).toMatchObject({
      verdict: 'may-hit',
      reason: { code: 'parent-uncertain', causeLine: 4 },
    });
    expect(new ClassicEngine().told(text)).toEqual(['MISS RUN a', 'MISS COPY --from=a /x /y', 'MISS RUN b']);
  });

  it('is a copy of several sources from a stage, of which patterns may find nothing', () => {
    // the made-up engine finds one file
    const several = text.replace('/x /y', '/x /none* /y/');
    expect(new ClassicEngine().build(several).told(several)[1]).toBe('may-hit COPY --from=a /x /none* /y/');
  });

  it('is a copy while nobody has looked at the files', () => {
    const engine = new ClassicEngine().build(stage('COPY f /', 'RUN a'), { files: new Files(...FILES) });
    const made = engine.predict(stage('COPY f /', 'RUN a'));
    expect(stepWith(made, 'COPY')).toMatchObject({ verdict: 'may-hit', reason: { code: 'content-unknown' } });
    expect(stepWith(made, 'RUN')).toMatchObject({ verdict: 'may-hit' });
  });

  it('is what ADD fetches', () => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    const [image] = engine.images;
    const fetched = {
      ...image,
      id: 'sha256:url',
      parent: 'sha256:base',
      command: ['/bin/sh', '-c', `#(nop) ADD ${'a'.repeat(64)} in /x `],
    };
    engine.images.push(engine.image({ ...fetched, ...(image && { stepConfig: image.stepConfig }) }));
    const now = stage('ADD http://example.org/x /x');
    expect(stepWith(engine.predict(now, { files: new Files(...FILES) }), 'ADD')).toMatchObject({
      ...{ verdict: 'may-hit', reason: { code: 'network-dependent' } },
    });
    expect(new ClassicEngine().told(now)).toEqual(['MISS ADD http://example.org/x /x']);
  });

  it('is everything on an image that the build fetches', () => {
    const engine = new ClassicEngine();
    engine.named.set('other', undefined);
    expect(engine.told('FROM other\nRUN a\n')).toEqual(['may-hit RUN a']);
  });

  it('is an image on nothing that may have come from elsewhere', () => {
    const scratch = 'FROM scratch\nLABEL a=1\nRUN b\n';
    const engine = new ClassicEngine().build(scratch);
    expect(engine.told(scratch)).toEqual(['hit LABEL a=1', 'hit RUN b']);
    engine.images = engine.images.map((one, index) => (index === 0 ? { ...one, isPulled: true } : one));
    expect(engine.told(scratch)[0]).toBe('may-hit LABEL a=1');
    const single = new ClassicEngine().build('FROM scratch\nLABEL a=1\n');
    single.images = single.images.map((one) => ({ ...one, isTagged: true }));
    expect(single.told('FROM scratch\nLABEL a=1\n')).toEqual(['may-hit LABEL a=1']);
  });

  it.each([
    ['--cache-from', { cacheFrom: ['x'] }],
    ['--pull', { pull: true }],
    ['--build-context', { buildContexts: new Map([['a', 'b']]) }],
    ['--platform', { platform: 'linux/arm64' }],
    ['--squash', { uncoveredOptions: ['--squash'] }],
  ])('is all with %s', (option, request) => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    const made = engine.predict(stage('RUN a', 'RUN b'), { request: request });
    for (const step of [stepWith(made, 'RUN a'), stepWith(made, 'RUN b')]) {
      expect(step).toMatchObject({ verdict: 'may-hit', reason: { code: 'not-covered' } });
      expect(step.reason.message).toContain(option);
    }
  });

  it('is nothing with the platform that the engine builds for', () => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    expect(engine.told(stage('RUN a'), { request: { platform: 'linux/amd64' } })).toEqual(['hit RUN a']);
  });
});

describe('a step that fails', () => {
  it('stops the build, and is a problem of its line', () => {
    const text = stage('COPY none /', 'RUN a');
    const made = new ClassicEngine().predict(text, { files: new Files(...FILES) });
    expect(stepWith(made, 'COPY')).toMatchObject({ verdict: 'fails', reason: { code: 'source-missing' } });
    expect(stepWith(made, 'RUN')).toMatchObject({ verdict: 'unknown', reason: { causeLine: 2 } });
    expect(made.problems).toMatchObject([{ code: 'copy-source-missing', line: 2 }]);
  });

  it('is a copy of a URL', () => {
    const made = new ClassicEngine().predict(stage('COPY https://a/b /'), { files: new Files(...FILES) });
    expect(stepWith(made, 'COPY')).toMatchObject({ verdict: 'fails', reason: { code: 'bad-instruction' } });
  });

  it('in a stage above stops those behind it', () => {
    const text = 'FROM busybox:1\nRUN --mount=type=cache,target=/c a\nFROM busybox:1\nRUN b\n';
    expect(new ClassicEngine().told(text)).toEqual(['fails RUN --mount=type=cache,target=/c a', 'unknown RUN b']);
  });
});

describe('why a step is executed', () => {
  const reason = (before: string, after: string, first: ClassicBuild = {}, second = first) =>
    stepWith(new ClassicEngine().build(stage(before), first).predict(stage(after), second), after).reason;

  it('is that there never was one', () => {
    expect(stepWith(new ClassicEngine().predict(stage('RUN a')), 'RUN').reason.code).toBe('never-built');
  });

  it('is its instruction, its argument, its environment', () => {
    expect(reason('RUN a', 'RUN b').code).toBe('instruction-changed');
    const args = { args: { A: '1' } };
    const changed = new ClassicEngine()
      .build(stage('ARG A', 'RUN a'), args)
      .predict(stage('ARG A', 'RUN a'), { args: { A: '2' } });
    expect(stepWith(changed, 'RUN').reason).toMatchObject({
      ...{ code: 'argument-changed', message: 'build argument A has another value' },
    });
    const engine = new ClassicEngine().build(stage('RUN a'));
    engine.images = engine.images.map((one) => ({ ...one, stepConfig: { ...one.stepConfig, env: ['X=1'] } }));
    expect(stepWith(engine.predict(stage('RUN a')), 'RUN').reason).toMatchObject({
      ...{ code: 'environment-changed', message: 'PATH is another one in the environment' },
    });
  });

  it('never tells the value of an argument', () => {
    const engine = new ClassicEngine().build(stage('ARG TOKEN', 'RUN a'), { args: { TOKEN: 'secret-1' } });
    const made = engine.predict(stage('ARG TOKEN', 'RUN a'), { args: { TOKEN: 'secret-2' } });
    expect(JSON.stringify(made)).not.toMatch(/secret-/);
  });

  it('is the file that was written since', () => {
    const engine = new ClassicEngine().build(stage('COPY f /'), { files: new Files(...FILES) });
    const files = new Files('f 644 @9000 =two', 'other @1 =o');
    expect(stepWith(engine.predict(stage('COPY f /'), { files }), 'COPY').reason).toMatchObject({
      ...{ code: 'file-changed', files: [{ path: 'f', change: 'content' }] },
    });
  });
});

describe('what the builder does not notice', () => {
  const link = (now: number, target: string) => `d/l 777 @${now} >${target}`;

  it('is another link in a folder that leads to nothing', () => {
    const engine = new ClassicEngine();
    const files = new Files('d/ 755 @1', link(100, 'nowhere'));
    engine.build(stage('COPY d /d'), { files });
    files.look(9000, 'd/ 755 @1', link(8000, 'elsewhere'));
    const made = engine.predict(stage('COPY d /d'), { files });
    expect(stepWith(made, 'COPY').verdict).toBe('cached');
    expect(made.problems).toMatchObject([{ code: 'change-unnoticed', line: 2 }]);
    expect(made.problems[0]?.message).toContain('d/l changed');
  });

  it('is the content of a second name', () => {
    const engine = new ClassicEngine();
    const at = (time: number, content: string) =>
      ['h1 644 #9 x2', 'h2 644 #9 x2'].map((one) => `${one} @${time} =${content}`);
    const files = new Files(...at(100, 'one'));
    engine.build(stage('COPY h2 /'), { files });
    files.look(9000, ...at(8000, 'other'));
    const made = engine.predict(stage('COPY h2 /'), { files });
    expect([stepWith(made, 'COPY').verdict, made.problems.map(({ code }) => code)]).toEqual([
      'cached',
      ['change-unnoticed'],
    ]);
  });

  it('is nothing where nothing changed', () => {
    const engine = new ClassicEngine();
    const files = new Files('d/ 755 @1', link(100, 'nowhere'), 'd/1 644 #9 x2 =a', 'd/2 644 #9 x2 =a');
    engine.build(stage('COPY d /d'), { files });
    expect(engine.predict(stage('COPY d /d'), { files }).problems).toEqual([]);
  });

  it('is the here-document of a RUN', () => {
    const text = stage('RUN <<EOF', 'echo one', 'EOF');
    const engine = new ClassicEngine().build(text);
    const made = engine.predict(text.replace('one', 'two'));
    expect(stepWith(made, 'RUN').verdict).toBe('cached');
    expect(made.problems).toMatchObject([{ code: 'change-unnoticed', line: 2 }]);
  });
});

describe('sizes', () => {
  it('are those of the files that are copied, and none for metadata', () => {
    const files = new Files('f 644 @1 =12345');
    const made = new ClassicEngine().predict(stage('COPY f /', 'ENV A=1', 'RUN a'), { files });
    expect(stepWith(made, 'COPY').size).toEqual({ bytes: 5, basis: 'exact' });
    expect(stepWith(made, 'ENV').size).toEqual({ bytes: 0, basis: 'exact' });
    expect(stepWith(made, 'RUN').size.bytes).toBeNull();
  });

  it('are what the image of a hit has more than its parent', () => {
    const engine = new ClassicEngine().build(stage('RUN a'));
    engine.images = engine.images.map((one) => ({ ...one, bytes: 1300 }));
    expect(stepWith(engine.predict(stage('RUN a')), 'RUN').size).toEqual({ bytes: 300, basis: 'measured' });
    expect(stepWith(engine.predict(stage('ENV A=1', 'RUN a')), 'RUN').size).toMatchObject({
      bytes: 300,
      basis: 'estimate',
    });
    engine.store = 'containerd';
    expect(stepWith(engine.predict(stage('RUN a')), 'RUN').size.bytes).toBeNull();
  });
});

describe('what a change of a file costs', () => {
  const text = 'FROM busybox:1 AS a\nCOPY d /d\nRUN a\nFROM busybox:1\nRUN c\nCOPY f /\nRUN b\n';
  const files = new Files(...FILES);
  const project = predictClassicProject(
    {
      ...{ text, dockerfile: '/ctx/Dockerfile', defaultPlatform: 'linux/amd64', sha256, baseline: 'engine' },
      request: PLAIN_REQUEST,
      context: { path: '/ctx', tree: files.tree, patterns: [], problems: [], others: new Map() },
      ...{ evidence: undefined, builder: new ClassicEngine().evidence().builder },
    },
    new ClassicEngine().evidence(),
  );
  it.each([
    ['d/x', ['COPY d /d'], ['COPY d /d', 'RUN a']],
    ['f', ['COPY f /'], ['COPY f /', 'RUN b']],
    ['other', [], []],
    ['not/there', [], []],
  ])('is right for %s', (path, taken, executed) => {
    const cost = classicFileCost(project, files.tree, path);
    expect(cost.takenBy.map((step) => step.text)).toEqual(taken);
    expect(cost.executed.map((step) => step.text)).toEqual(executed);
  });
});
