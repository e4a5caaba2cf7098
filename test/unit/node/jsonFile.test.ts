import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JsonFile } from '../../../core/node/store/jsonFile';
import { folderOf } from './folder';

const add =
  (name: string) =>
  (theirs: unknown): string[] =>
    [...(Array.isArray(theirs) ? theirs.map(String) : []), name].sort();

describe('a file that several processes share', () => {
  it('gives back what was written, in a folder that was not there', async () => {
    const path = join(folderOf(), 'a', 'b', 'file.json');
    expect(await new JsonFile(path, 1).write(() => ({ x: [1, 'two', null] }))).toBe(true);
    expect(await new JsonFile(path, 1).read()).toEqual({ x: [1, 'two', null] });
  });

  it('leaves nothing beside it', async () => {
    const folder = folderOf();
    const file = new JsonFile(join(folder, 'file.json'), 1);
    await file.write(() => 1);
    await file.write(() => 2);
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it.skipIf(process.platform === 'win32')('is for its owner only', async () => {
    const path = join(folderOf(), 'own', 'file.json');
    await new JsonFile(path, 1).write(() => 1);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(statSync(join(path, '..')).mode & 0o077).toBe(0);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['cut off', '{"version":1,"value":{"a"'],
    ['not an object', '17'],
    ['null', 'null'],
    ['without a version', '{"value":1}'],
    ['of an older version', '{"version":0,"value":1}'],
    ['of a version that is text', '{"version":"1","value":1}'],
  ])('counts as absent when it is %s, and can be written', async (_, text) => {
    const folder = folderOf(text === undefined ? {} : { 'file.json': text });
    const file = new JsonFile(join(folder, 'file.json'), 1);
    expect(await file.read()).toBeUndefined();
    expect(await file.write((theirs) => ({ theirs: theirs ?? 'nothing' }))).toBe(true);
    expect(await file.read()).toEqual({ theirs: 'nothing' });
  });

  it('gives the content to merge when another process wrote meanwhile', async () => {
    const path = join(folderOf(), 'file.json');
    const [one, two] = [new JsonFile(path, 1), new JsonFile(path, 1)];
    await one.read();
    await two.write(add('two'));
    await one.write(add('one'));
    expect(await two.read()).toEqual(['one', 'two']);
  });

  it('asks nobody to merge what it wrote itself', async () => {
    const file = new JsonFile(join(folderOf(), 'file.json'), 1);
    await file.write(() => 'mine');
    const merged: unknown[] = [];
    await file.write((theirs) => {
      merged.push(theirs);
      return 'again';
    });
    expect(merged).toEqual([undefined]);
  });

  it('keeps what everybody wrote at the same time', async () => {
    const path = join(folderOf(), 'file.json');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const written = await Promise.all(names.map((name) => new JsonFile(path, 1).write(add(name))));
    expect(written).toEqual(names.map(() => true));
    expect(await new JsonFile(path, 1).read()).toEqual(names);
  });

  it('removes the lock of a process that died', async () => {
    const path = join(folderOf(), 'file.json');
    mkdirSync(`${path}.lock`);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${path}.lock`, longAgo, longAgo);
    expect(await new JsonFile(path, 1).write(() => 1)).toBe(true);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('gives up in time while another process holds the lock, and leaves the lock to it', async () => {
    const path = join(folderOf(), 'file.json');
    mkdirSync(`${path}.lock`);
    const started = Date.now();
    expect(await new JsonFile(path, 1).write(() => 1)).toBe(false);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  it('says false where nothing can be written', async () => {
    const folder = folderOf({ file: 'not a folder' });
    expect(await new JsonFile(join(folder, 'file', 'file.json'), 1).write(() => 1)).toBe(false);
    mkdirSync(join(folder, 'taken.json'));
    expect(await new JsonFile(join(folder, 'taken.json'), 1).write(() => 1)).toBe(false);
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken.json']);
  });

  it('keeps the old content, and no lock, when the new one cannot be made', async () => {
    const folder = folderOf();
    const file = new JsonFile(join(folder, 'file.json'), 1);
    await file.write(() => 'old');
    const made = await file.write(() => {
      throw new Error('broken');
    });
    expect(made).toBe(false);
    expect(await file.read()).toBe('old');
    expect(readdirSync(folder)).toEqual(['file.json']);
    expect(readFileSync(join(folder, 'file.json'), 'utf8')).toContain('old');
  });
});
