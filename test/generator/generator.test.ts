import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarArchive } from './archive.js';
import type { Dialect } from './dialect.js';
import { ProjectFolder } from './disk.js';
import { generateCase } from './generate.js';
import { dockerfileText, mutated, NO_FLAGS, withMarker, type Mutation, type Project } from './project.js';
import { Random } from './random.js';

const options = { baseImage: 'base/box:1', marker: 'm', mutations: 30 };

describe('generated cases', () => {
  it('follow from the seed alone', () => {
    expect(generateCase({ ...options, seed: 's1' })).toEqual(generateCase({ ...options, seed: 's1' }));
    expect(generateCase({ ...options, seed: 's1' })).not.toEqual(generateCase({ ...options, seed: 's2' }));
  });

  it('cover every kind of instruction and mutation within a few hundred seeds', () => {
    const seen = new Set<string>();
    const kinds = new Set<Mutation['kind']>();
    for (let i = 0; i < 300; i++) {
      const generated = generateCase({ ...options, seed: `cover ${i}`, mutations: 8 });
      for (const block of generated.initial.blocks) seen.add(block.split(/\s/)[0]?.toUpperCase() ?? '');
      for (const mutation of generated.mutations) kinds.add(mutation.kind);
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['FROM', 'RUN', 'COPY', 'ADD', 'WORKDIR', 'ENV', 'ARG', 'USER', 'SHELL', 'LABEL', 'CMD', 'ENTRYPOINT'],
        ...['EXPOSE', 'VOLUME', 'HEALTHCHECK', 'STOPSIGNAL', 'MAINTAINER', 'ONBUILD', '#', ''],
      ]),
    );
    expect([...kinds].sort()).toEqual([
      ...['build-arg', 'chmod', 'flags', 'hard-link', 'insert-block', 'no-cache', 'nothing', 'put', 'remove'],
      ...['remove-block', 'rename', 'revert', 'rewrite', 'set-block', 'several', 'sneak', 'swap-blocks'],
      ...['swap-folder', 'target', 'touch'],
    ]);
  });

  it('have every form that the builder knows, within a few hundred seeds', () => {
    let text = '';
    const given = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const { initial, mutations } = generateCase({ ...options, seed: `forms ${i}`, mutations: 8 });
      text += `${initial.blocks.join('\n')}\n`;
      for (const project of [initial, ...mutations.map((one) => (one.kind === 'flags' ? one : initial))])
        for (const [name, value] of Object.entries(project.flags))
          if (value !== undefined && Object.keys(value as object).length > 0) given.add(name);
    }
    const forms = [
      ...[/^FROM scratch/m, /^FROM build\d/m, /^FROM --platform=\$BUILDPLATFORM/m, /^# escape=`/m, /^FROM \$BASE/m],
      ...[/^RUN \[/m, /^RUN <<EOF\n#!/m, /^RUN <<'EOF'/m, /^RUN <<-/m, /^RUN <<\S+ cat .* <</m],
      ...[/type=bind,from=/, /type=bind,source=/, /,rw\b/, /type=cache.*,id=/, /sharing=locked/, /type=cache.*,from=/],
      ...[/type=tmpfs.*,size=/, /type=secret.*,env=/, /type=secret.*required=false/, /type=secret.*mode=/, /type=ssh/],
      ...[/--network=none/, /--network=host/, /--link/, /--chown=/, /--chmod=\d/, /--chmod=[a-z]/],
      ...[/--exclude=\S+ --exclude=/, /--from=\d/, /--from=base\/box:1/, /--from=build/, /<<\S+ <<\S+ \/c/],
      ...[/^COPY.* \[/m, /^ADD.* pack\.tar /m, /^ADD.* pack\.tgz /m, /--unpack=false/, /^ONBUILD COPY/m],
      ...[
        /:-/,
        /:\+/,
        /\{\w+#/,
        /\{\w+\/a\//,
        /^WORKDIR .*\$/m,
        /^WORKDIR sub/m,
        /^ENV \w+ \w/m,
        /^COPY.* \*\/main.c/m,
      ],
    ];
    expect(forms.filter((form) => !form.test(text)).map(String)).toEqual([]);
    expect([...given].sort()).toEqual(Object.keys(NO_FLAGS).sort());
  });

  it('start every stage with the marker, so that nothing is cached at first', () => {
    for (let i = 0; i < 50; i++) {
      const { blocks } = generateCase({ ...options, marker: 'zz-marker', seed: `cold ${i}` }).initial;
      for (const [index, block] of blocks.entries())
        if (/^from /i.test(block)) expect(blocks[index + 1]).toContain('zz-marker');
    }
  });
});

describe('cases for another builder', () => {
  const texts = (dialect: Dialect): string =>
    Array.from({ length: 300 }, (_, i) => {
      const { initial, mutations } = generateCase({ ...options, seed: `dialect ${i}`, mutations: 8, dialect });
      return JSON.stringify([initial.blocks, mutations.filter(({ kind }) => kind !== 'revert')]);
    }).join('\n');

  it('follow from the seed and the builder', () => {
    const one = (dialect?: Dialect) => generateCase({ ...options, seed: 'd', dialect });
    expect(one('classic')).toEqual(one('classic'));
    expect(one('buildkit')).toEqual(one());
    expect(one().dialect).toBeUndefined();
    expect([one('classic').dialect, one('buildah').dialect]).toEqual(['classic', 'buildah']);
  });

  it('have nothing that the classic builder does not know', () => {
    const text = texts('classic');
    const unknown = [/<</, /--mount/, /--network=\w+ :/, /--chmod/, /--link/, /--exclude/, /--unpack/, /--platform/];
    expect([...unknown, /"secrets":\{"/, /--chown=:/].filter((form) => form.test(text)).map(String)).toEqual([]);
    const known = [
      /ONBUILD/,
      /HEALTHCHECK/,
      /--chown=/,
      /\["/,
      /ADD pack/,
      /--from=/,
      /HTTP_PROXY/,
      /another spelling/,
    ];
    expect(known.filter((form) => !form.test(text)).map(String)).toEqual([]);
  });

  it('have what Buildah knows', () => {
    const text = texts('buildah');
    const known = [/<</, /--mount=type=cache/, /type=tmpfs/, /--network=none :/, /--chmod=\d/, /--link/, /--exclude/];
    expect(known.filter((form) => !form.test(text)).map(String)).toEqual([]);
    expect([/--unpack/, /--chmod=[a-z]/, /--from=[A-Z]{2}/].filter((form) => form.test(text)).map(String)).toEqual([]);
  });

  it('never change or pass the first step of a stage, which no other case has', () => {
    for (let i = 0; i < 100; i++) {
      const generated = generateCase({
        ...options,
        marker: 'zz-marker',
        seed: `own ${i}`,
        mutations: 20,
        dialect: 'classic',
      });
      let project = generated.initial;
      for (const mutation of generated.mutations) {
        project = mutated(project, mutation);
        const lines = dockerfileText(project)
          .split('\n')
          .filter((line) => /^[A-Za-z]/.test(line));
        for (const [index, line] of lines.entries())
          if (/^from /i.test(line)) expect(lines[index + 1]).toContain('zz-marker');
      }
    }
  });
});

describe('a case with another marker', () => {
  it('differs in the marker only, also in the states that it reverts to', () => {
    const one = generateCase({ ...options, marker: 'first-marker', seed: 'again' });
    const other = withMarker(one, 'second-marker');
    expect(JSON.stringify(other)).not.toContain('first-marker');
    expect(withMarker(other, 'first-marker')).toEqual(one);
  });
});

describe('a project on disk', () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'li-generator-'));
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  const project: Project = {
    files: {
      'a.txt': { kind: 'file', content: 'aaaa', mode: 0o640 },
      'd/b.txt': { kind: 'file', content: 'b', mode: 0o644 },
      link: { kind: 'symlink', target: 'a.txt' },
    },
    aside: {},
    dockerfile: 'Dockerfile',
    blocks: ['FROM scratch', 'COPY a.txt /'],
    buildArgs: {},
    target: undefined,
    noCache: false,
    flags: NO_FLAGS,
  };

  it('has the bytes and modes of the project, and only changed files are written', () => {
    const folder = new ProjectFolder(join(parent, 'c'), project);
    expect(readFileSync(join(folder.dir, 'Dockerfile'), 'utf8')).toBe(dockerfileText(project));
    expect(statSync(join(folder.dir, 'a.txt')).mode & 0o7777).toBe(0o640);
    const before = statSync(join(folder.dir, 'd/b.txt'), { bigint: true });
    folder.apply({ kind: 'put', path: 'a.txt', entry: { kind: 'file', content: 'x', mode: 0o600 }, why: 'edit' });
    expect(readFileSync(join(folder.dir, 'link'), 'utf8')).toBe('x');
    const after = statSync(join(folder.dir, 'd/b.txt'), { bigint: true });
    expect([after.ctimeNs, after.ino]).toEqual([before.ctimeNs, before.ino]);
  });

  it('can change bytes and keep size and modification time to the nanosecond', () => {
    const folder = new ProjectFolder(join(parent, 'c'), project);
    const before = statSync(join(folder.dir, 'a.txt'), { bigint: true });
    folder.apply({ kind: 'sneak', path: 'a.txt', content: 'zzzz' });
    const after = statSync(join(folder.dir, 'a.txt'), { bigint: true });
    expect(readFileSync(join(folder.dir, 'a.txt'), 'utf8')).toBe('zzzz');
    expect([after.mtimeNs, after.size]).toEqual([before.mtimeNs, before.size]);
    expect(after.ctimeNs).not.toBe(before.ctimeNs);
  });

  it('moves files and folders deeper and higher, and swaps a whole folder with its old times', () => {
    const swapped: Project = { ...project, aside: { 'd/z.txt': { kind: 'file', content: 'z', mode: 0o644 } } };
    const folder = new ProjectFolder(join(parent, 'c'), swapped);
    const there = (path: string): boolean => existsSync(join(folder.dir, path));
    folder.apply({ kind: 'rename', from: 'd/b.txt', to: 'd/a/b.txt' });
    expect([there('d/b.txt'), there('d/a/b.txt')]).toEqual([false, true]);
    folder.apply({ kind: 'rename', from: 'd', to: 'e' });
    expect(Object.keys(folder.project.files).sort()).toEqual(['a.txt', 'e/a/b.txt', 'link']);
    folder.apply({ kind: 'rename', from: 'e', to: 'd' });
    const before = statSync(join(parent, 'c.aside/d/z.txt'), { bigint: true });
    folder.apply({ kind: 'swap-folder', path: 'd' });
    const after = statSync(join(folder.dir, 'd/z.txt'), { bigint: true });
    expect([after.ctimeNs, after.ino, there('d/a')]).toEqual([before.ctimeNs, before.ino, false]);
    folder.apply({ kind: 'swap-folder', path: 'd' });
    expect([there('d/z.txt'), there('d/a/b.txt')]).toEqual([false, true]);
  });

  it('puts links and folders in the place of files, and several changes at once', () => {
    const folder = new ProjectFolder(join(parent, 'c'), project);
    folder.apply({
      kind: 'several',
      why: 'at once',
      mutations: [
        { kind: 'rename', from: 'a.txt', to: 'a.txt.real' },
        { kind: 'put', path: 'a.txt', entry: { kind: 'symlink', target: 'a.txt.real' }, why: 'replace' },
        { kind: 'hard-link', from: 'd/b.txt', to: 'd/twin.txt' },
      ],
    });
    expect(readFileSync(join(folder.dir, 'link'), 'utf8')).toBe('aaaa');
    expect(statSync(join(folder.dir, 'd/b.txt')).nlink).toBe(2);
    folder.apply({ kind: 'put', path: 'd', entry: { kind: 'file', content: 'd', mode: 0o644 }, why: 'replace' });
    expect(readFileSync(join(folder.dir, 'd'), 'utf8')).toBe('d');
    folder.apply({ kind: 'revert', to: project, steps: 2 });
    expect(readFileSync(join(folder.dir, 'd/b.txt'), 'utf8')).toBe('b');
    expect(folder.project).toEqual(project);
  });

  it('writes secrets beside the context, and archives that tar can read', () => {
    const members = { 'in/one.txt': 'one', 'two.txt': 'x'.repeat(600) };
    for (const gzip of [false, true]) {
      const file = join(parent, gzip ? 'c.tgz' : 'c.tar');
      writeFileSync(file, tarArchive(members, gzip));
      const list = execFileSync('tar', ['-tf', file], { encoding: 'utf8', timeout: 10_000 });
      expect(list.trim().split('\n')).toEqual(['in/', 'in/one.txt', 'two.txt']);
    }
    const folder = new ProjectFolder(join(parent, 'c'), {
      ...project,
      flags: { ...NO_FLAGS, secrets: { tok: 'hidden' } },
    });
    expect(readFileSync(`${folder.dir}.secrets/tok`, 'utf8')).toBe('hidden');
  });

  it('goes back to an earlier state after any mutations', () => {
    const generated = generateCase({ ...options, seed: 'back' });
    const folder = new ProjectFolder(join(parent, 'c'), generated.initial);
    let expected = generated.initial;
    for (const mutation of generated.mutations) {
      expected = mutated(expected, mutation);
      expect(folder.apply(mutation)).toEqual(expected);
    }
    folder.apply({ kind: 'revert', to: generated.initial, steps: 1 });
    for (const [path, entry] of Object.entries(generated.initial.files))
      if (entry.kind === 'file') expect(readFileSync(join(folder.dir, path), 'utf8')).toBe(entry.content);
  });
});

describe('the random source', () => {
  it('respects weights and bounds', () => {
    const random = new Random('w');
    const counts = { often: 0, rarely: 0 };
    for (let i = 0; i < 1000; i++)
      counts[
        random.weighted([
          [9, 'often'],
          [1, 'rarely'],
        ] as const)
      ]++;
    expect(counts.often).toBeGreaterThan(800);
    expect(counts.rarely).toBeGreaterThan(50);
    const ints = Array.from({ length: 200 }, () => random.int(2, 4));
    expect(new Set(ints)).toEqual(new Set([2, 3, 4]));
  });
});
