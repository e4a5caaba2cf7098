import { symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BuildRefs } from '../../../core/node/engines/buildRefs';
import { folderOf } from './folder';

const note = (LocalPath: unknown, DockerfilePath: unknown = '/p/Dockerfile'): string =>
  JSON.stringify({ LocalPath, DockerfilePath, Target: 'default' });

/** What buildx noted: `builder/node/ref` and the note, from old to new. */
function refsOf(notes: Readonly<Record<string, string>>): BuildRefs {
  const paths = Object.entries(notes).map(([ref, text]) => [`buildx/refs/${ref}`, text] as const);
  const config = folderOf(Object.fromEntries(paths));
  for (const [index, [path]] of paths.entries()) utimesSync(join(config, path), 1000 + index, 1000 + index);
  return new BuildRefs({ DOCKER_CONFIG: config });
}

describe('the context of a past build', () => {
  it('is what buildx noted, for every builder', () => {
    const [one, two] = [folderOf(), folderOf()];
    const refs = refsOf({ 'default/default/r1': note(one), 'big/big0/r2': note(two), 'big/big1/r3': note(one) });
    expect(['r1', 'r2', 'r3'].map((ref) => refs.contextPath(ref))).toEqual([one, two, one]);
  });

  it('is the real folder behind a link', () => {
    const folder = folderOf({ 'real/x': '' });
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    expect(refsOf({ 'd/d/r': note(join(folder, 'link')) }).contextPath('r')).toBe(join(folder, 'real'));
  });

  it('is known by its name when the folder is gone', () => {
    expect(refsOf({ 'd/d/r': note('/no/such/folder') }).contextPath('r')).toBe('/no/such/folder');
  });

  it.each([
    ['from the standard input', note('-')],
    ['an address', note('https://github.com/docker/cli.git')],
    ['empty', note('')],
    ['no text', note(7)],
    ['in a broken note', '{"LocalPath":'],
    ['in a note that is no object', '[]'],
  ])('is not known when it is %s', (_, text) => {
    expect(refsOf({ 'd/d/r': text }).contextPath('r')).toBeUndefined();
  });

  it('is not known for builds that are not noted', () => {
    expect(refsOf({}).contextPath('r')).toBeUndefined();
    expect(new BuildRefs({ DOCKER_CONFIG: '/no/such/folder' }).contextPath('r')).toBeUndefined();
  });
});

describe('the context that a Dockerfile was last built with', () => {
  it('is the one of the newest note about it', () => {
    const [old, recent, other] = [folderOf(), folderOf(), folderOf()];
    const refs = refsOf({
      'd/d/z': note(old),
      'd/d/a': note(recent),
      'big/big0/x': note(other, '/p/other.Dockerfile'),
      'd/d/y': note('https://example.com/x.git'),
      'd/d/broken': '{',
    });
    expect(refs.latestContext('/p/Dockerfile')).toBe(recent);
    expect(refs.latestContext('/p/other.Dockerfile')).toBe(other);
    expect(refs.latestContext('/p/never.Dockerfile')).toBeUndefined();
  });
});
