import { describe, expect, it } from 'vitest';
import { fits, hasCommand, ImageChildren, type ClassicImage } from '../../../core/classic/imageStore';
import type { ClassicProbe } from '../../../core/classic/probe';
import { EMPTY_CONFIG, sameConfig, type StepConfig } from '../../../core/classic/stepConfig';
import { ClassicEngine } from '../support/classic';

const engine = new ClassicEngine();
const made = (command: readonly string[], changes: Partial<ClassicImage> = {}): ClassicImage =>
  engine.image({ id: 'x', command, text: command.join(' '), ...changes });
/** The same image as an engine with the containerd store tells of it. */
const told = (command: readonly string[]): ClassicImage => ({ ...made(command), command: undefined });
const probe = (command: readonly string[], more: Partial<ClassicProbe> = {}): ClassicProbe => ({
  ...{ config: EMPTY_CONFIG, command },
  ...more,
});
const SHELL = ['/bin/sh', '-c'];
const copy = (destination = '/x', head = 'COPY '): ClassicProbe =>
  probe(SHELL, { copy: { isAdd: false, sources: ['a'], destination, from: { kind: 'context' }, head } });
const SUM = `file:${'a'.repeat(64)}`;

describe('the command of an image', () => {
  it('is compared word by word', () => {
    expect(hasCommand(made([...SHELL, 'echo a b']), probe([...SHELL, 'echo a b']), undefined)).toBe(true);
    expect(hasCommand(made([...SHELL, 'echo a', 'b']), probe([...SHELL, 'echo a b']), undefined)).toBe(false);
    expect(hasCommand(made(SHELL), probe([...SHELL, 'a']), undefined)).toBe(false);
  });

  it('is compared as a text where the engine tells no more', () => {
    expect(hasCommand(told([...SHELL, 'echo a', 'b']), probe([...SHELL, 'echo a b']), undefined)).toBe(true);
    expect(hasCommand(told([...SHELL, 'echo a']), probe([...SHELL, 'echo a b']), undefined)).toBe(false);
  });

  for (const image of [made, told]) {
    const store = image === made ? 'words' : 'a text';
    it(`has the sum of a copy in it, as ${store}`, () => {
      const kept = image([...SHELL, `#(nop) COPY ${SUM} in /x `]);
      expect(hasCommand(kept, copy(), SUM)).toBe(true);
      expect(hasCommand(kept, copy(), `dir:${'a'.repeat(64)}`)).toBe(false);
      expect(hasCommand(kept, copy(), undefined)).toBe(true);
      expect(hasCommand(kept, copy(), /^file:[0-9a-f]{64}$/)).toBe(true);
      expect(hasCommand(kept, copy(), /^multi:/)).toBe(false);
      expect(hasCommand(kept, copy('/x/'), SUM)).toBe(false);
      expect(hasCommand(kept, copy('/x', 'COPY --chown=0:0 '), SUM)).toBe(false);
      expect(hasCommand(kept, copy('/x', 'ADD '), SUM)).toBe(false);
    });

    it(`is compared at its beginning for a health check, as ${store}`, () => {
      const check = probe([...SHELL, '#(nop) ', 'HEALTHCHECK '], { isHealthcheck: true });
      expect(hasCommand(image([...SHELL, '#(nop) ', 'HEALTHCHECK &{["CMD"] "6s"}']), check, undefined)).toBe(true);
      expect(hasCommand(image([...SHELL, '#(nop) ', 'CMD ["a"]']), check, undefined)).toBe(false);
      expect(hasCommand(image(['/bin/ash', '-c', '#(nop) ', 'HEALTHCHECK x']), check, undefined)).toBe(false);
    });
  }

  it('with a pattern in its destination is no pattern', () => {
    const kept = made([...SHELL, `#(nop) COPY ${SUM} in /a.b(c `]);
    expect(hasCommand(kept, copy('/a.b(c'), SUM)).toBe(true);
    expect(hasCommand(made([...SHELL, `#(nop) COPY ${SUM} in /axb(c `]), copy('/a.b(c'), undefined)).toBe(false);
  });
});

describe('the configuration of an image', () => {
  const full: StepConfig = {
    ...{ env: ['A=1', 'B=2'], labels: { a: '1', b: '2' }, volumes: ['/a', '/b'], onbuild: ['RUN a', 'RUN b'] },
    ...{ workingDir: '/w', user: 'me', shell: ['/bin/sh'], flags: '00000001' },
    healthcheck: { test: ['NONE'], interval: 1, timeout: 2, startPeriod: 3, startInterval: 4, retries: 5 },
  };
  const check = full.healthcheck;
  const different: readonly [string, Partial<StepConfig>][] = [
    ['order of variables', { env: ['B=2', 'A=1'] }],
    ['another variable', { env: ['A=1', 'B=3'] }],
    ['one more variable', { env: ['A=1', 'B=2', 'C=3'] }],
    ['another label', { labels: { a: '1', b: '3' } }],
    ['one label less', { labels: { a: '1' } }],
    ['a label of another name', { labels: { a: '1', c: '2' } }],
    ['a volume less', { volumes: ['/a'] }],
    ['order of triggers', { onbuild: ['RUN b', 'RUN a'] }],
    ['another folder', { workingDir: '/' }],
    ['another user', { user: '' }],
    ['a flag', { flags: '00000000' }],
    ['no health check', { healthcheck: undefined }],
    ['another time', { healthcheck: check && { ...check, startInterval: 5 } }],
    ['another test', { healthcheck: check && { ...check, test: ['CMD', 'a'] } }],
  ];
  it.each(different)('is another one by: %s', (_, change) => {
    expect(sameConfig(full, { ...full, ...change })).toBe(false);
    expect(sameConfig({ ...full, ...change }, full)).toBe(false);
    const image = made(['x'], { stepConfig: { ...full, ...change } });
    expect(fits(image, probe(['x'], { config: full }), undefined)).toBe(false);
  });

  it('is the same whatever the order of labels and volumes, and whatever the shell', () => {
    const other = { ...full, labels: { b: '2', a: '1' }, volumes: ['/b', '/a', '/b'], shell: [] };
    expect(sameConfig(full, other)).toBe(true);
    expect(fits(made(['x'], { stepConfig: other }), probe(['x'], { config: full }), undefined)).toBe(true);
  });

  it('has labels of any name', () => {
    const labels = (name: string): StepConfig => ({ ...EMPTY_CONFIG, labels: Object.fromEntries([[name, '1']]) });
    expect(sameConfig(labels('__proto__'), labels('__proto__'))).toBe(true);
    expect(sameConfig(labels('constructor'), labels('toString'))).toBe(false);
  });
});

describe('images on a parent', () => {
  const at = (id: string, created: number, more: Partial<ClassicImage> = {}): ClassicImage =>
    engine.image({ id, parent: 'p', created: BigInt(created), ...more });
  const children = (platform: string, ...images: readonly ClassicImage[]): ImageChildren => {
    const all = new ClassicEngine();
    all.images.push(...images);
    return new ImageChildren({ ...all.evidence(), platform });
  };

  it('are the newest first, to the nanosecond', () => {
    const day = 1_700_000_000_000_000_000;
    const first = { ...at('first', 0), created: BigInt(day) };
    const second = { ...at('second', 0), created: BigInt(day) + 1n };
    expect(
      children('linux/amd64', first, second)
        .of('p')
        .map(({ id }) => id),
    ).toEqual(['second', 'first']);
    expect(
      children('linux/amd64', second, first)
        .of('p')
        .map(({ id }) => id),
    ).toEqual(['second', 'first']);
  });

  it('are those of the platform, of whatever variant', () => {
    const images = ['linux/arm64', 'linux/arm64/v8', 'linux/arm/v7', 'windows/arm64'].map((platform, index) =>
      at(platform, index, { platform }),
    );
    const ids = (platform: string) =>
      children(platform, ...images)
        .of('p')
        .map(({ id }) => id)
        .sort();
    expect(ids('linux/arm64')).toEqual(['linux/arm64', 'linux/arm64/v8']);
    expect(ids('linux/arm')).toEqual(['linux/arm/v7']);
    expect(ids('linux/arm/v7')).toEqual(['linux/arm/v7']);
  });

  it('are none where nobody knows the parent', () => {
    const all = children('linux/amd64', at('a', 1));
    expect(all.of('other')).toEqual([]);
    expect(all.image('a')?.id).toBe('a');
    expect(all.image('other')).toBeUndefined();
    expect(all.all().map(({ id }) => id)).toEqual(['sha256:base', 'a']);
  });
});
