import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeContent } from '../../../../core/node/image/contentSink';
import { StreamedImage } from '../../../../core/node/image/streamedImage';
import { StreamSource } from '../../../../core/node/image/byteSource';
import { readStream } from '../../../../core/node/image/streamedImage';
import { newDockerArchive } from '../../support/imageArchive';
import { file, gzip, tar } from '../../support/tar';
import { opened, refusal } from './written';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'li-save-'));
  target = join(folder, 'saved');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CONTENT = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));
const OTHER = Buffer.alloc(CONTENT.length, 7);
const PLAIN = tar(file('small', 's'), file('a', CONTENT));
const UPPER = tar(file('a', OTHER));
/** The same name and size in two layers: only the digest tells which one is meant. */
const image = (pack: (bytes: Buffer) => Buffer) =>
  newDockerArchive([
    {
      layers: [
        { plain: UPPER, packed: pack(UPPER) },
        { plain: PLAIN, packed: pack(PLAIN) },
      ],
    },
  ]);

describe.each([
  ['as it is', (bytes: Buffer) => bytes],
  ['gzip', gzip],
])('a file of a layer, %s', (_, pack) => {
  it('is written whole, from an archive on disk', async () => {
    const archive = await opened(image(pack));
    await writeContent(target, (sink) => archive.copy({ layer: 1, index: 1 }, sink));
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('is written whole, from a stream', async () => {
    const bytes = tar(...image(pack));
    const stream = async function* () {
      for (let at = 0; at < bytes.length; at += 1_500_000) {
        await Promise.resolve();
        yield bytes.subarray(at, at + 1_500_000);
      }
    };
    const { description, layers } = await readStream('engine', () => stream(), {});
    const streamed = new StreamedImage('engine', description, layers, [], () =>
      Promise.resolve(new StreamSource(stream())),
    );
    for (const [layer, index, content] of [
      [1, 1, CONTENT],
      [0, 0, OTHER],
    ] as const) {
      await writeContent(target, (sink) => streamed.copy({ layer, index }, sink));
      expect(readFileSync(target).equals(content)).toBe(true);
    }
  });

  it('leaves what was there when it is stopped or cannot be read', async () => {
    writeFileSync(target, 'before');
    const archive = await opened(image(pack));
    const ending = new AbortController();
    let parts = 0;
    const saving = writeContent(target, (sink) =>
      archive.copy(
        { layer: 1, index: 1 },
        {
          begin: (bytes) => sink.begin(bytes),
          write: (part) => {
            sink.write(part);
            if (++parts === 1) ending.abort();
          },
        },
        ending.signal,
      ),
    );
    await expect(saving).rejects.toThrow(/abort/i);
    expect(readFileSync(target, 'utf8')).toBe('before');
    await refusal(writeContent(target, (sink) => archive.copy({ layer: 1, index: 9 }, sink)));
    expect(readFileSync(target, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['saved']);
  });

  it('that cannot be written is told, with its place', async () => {
    const archive = await opened(image(pack));
    const full = () =>
      archive.copy(
        { layer: 1, index: 1 },
        {
          begin: () => undefined,
          write: () => {
            throw new Error('the disk is full');
          },
        },
      );
    await expect(full()).rejects.toThrow('the disk is full');
    mkdirSync(join(folder, 'taken'));
    expect(await refusal(writeContent(join(folder, 'gone', 'x'), () => Promise.resolve()))).toContain(
      'cannot be written',
    );
    expect(await refusal(writeContent(join(folder, 'taken'), () => Promise.resolve()))).toContain('cannot be written');
    expect(existsSync(join(folder, 'gone'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
