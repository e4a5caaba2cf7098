import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openArchive } from '../../core/node/image/archiveImage';
import type { Place } from './commandLine';
import { median, ms, type Row } from './measure';

/** Layers, and files of each: about 1 GB, as an image of a Node.js or Python application has it. */
const LAYERS = 5;
const FILES = 8000;
const SIZES = [100, 2000, 8000, 30_000, 60_000];
const LARGE = 3 * 16 * 1024 * 1024;
const RUNS = 5;
const BLOCK = 512;

/** Indexing an archive against only reading it, both in this process with a warm page cache; and the memory of it. */
export async function measureLayers({ scratch }: Pick<Place, 'scratch'>): Promise<readonly Row[]> {
  const archive = join(scratch, 'image.tar');
  writeArchive(archive);
  const [own, peers, ratios]: [number[], number[], number[]] = [[], [], []];
  let memory = 0;
  for (let run = 0; run <= RUNS; run++) {
    const peer = await timed(() => readAll(archive));
    const mine = await timed(async () => {
      const image = await openArchive(archive);
      memory = Math.max(memory, process.memoryUsage().rss);
      if (image.layers.length !== LAYERS) throw new Error('the archive was not read');
    });
    if (run === 0) continue;
    own.push(mine);
    peers.push(peer);
    ratios.push(mine / peer);
  }
  const time = {
    ours: ms(median(own)),
    peer: ms(median(peers)),
    value: median(ratios),
    budget: 1.5,
    unit: 'x',
  } as const;
  const megabytes = memory / 1_000_000;
  return [
    { what: 'index the layers of a 1 GB archive, against reading it', ...time },
    {
      what: 'memory while indexing it',
      ours: `${megabytes.toFixed(0)} MB`,
      peer: '',
      value: megabytes,
      budget: 150,
      unit: 'MB',
    },
  ];
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function readAll(path: string): Promise<void> {
  const { createReadStream } = await import('node:fs');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) bytes += (chunk as Buffer).length;
  if (bytes === 0) throw new Error('the archive is empty');
}

/** Writes blobs first and the manifest last, as docker save does. */
function writeArchive(path: string): void {
  const file = openSync(path, 'w');
  const random = Buffer.alloc(LARGE);
  for (let at = 0; at < LARGE; at += 32) createHash('sha256').update(String(at)).digest().copy(random, at);
  const names: string[] = [];
  try {
    for (let layer = 0; layer < LAYERS; layer++) {
      const sizes = Array.from({ length: FILES }, (_, index) => SIZES[(index * 7 + layer) % SIZES.length] ?? 0);
      const content = [...sizes, LARGE].reduce((sum, size) => sum + BLOCK + padded(size), 2 * BLOCK);
      const name = `blobs/sha256/${createHash('sha256').update(String(layer)).digest('hex')}`;
      names.push(name);
      writeSync(file, header(name, content));
      for (const [index, size] of [...sizes, LARGE].entries()) {
        writeSync(file, header(`usr/lib/d${index % 97}/f${layer}-${index}`, size));
        writeSync(file, random, 0, padded(size));
      }
      writeSync(file, Buffer.alloc(2 * BLOCK));
    }
    const diffIds = names.map((name) => `sha256:${name.slice(-64)}`);
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: diffIds },
    });
    const manifest = JSON.stringify([{ Config: 'config.json', RepoTags: ['big:1'], Layers: names }]);
    for (const [name, text] of [
      ['config.json', config],
      ['manifest.json', manifest],
    ] as const) {
      const bytes = Buffer.alloc(padded(text.length));
      bytes.write(text);
      writeSync(file, header(name, text.length));
      writeSync(file, bytes);
    }
    writeSync(file, Buffer.alloc(2 * BLOCK));
  } finally {
    closeSync(file);
  }
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
