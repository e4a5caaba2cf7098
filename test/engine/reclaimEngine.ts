import { request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import type { DiskReport, ReclaimItem, ReclaimPlan } from '../../core/model/index.js';
import type { DiskAccess } from '../../core/node/disk/diskAccess.js';
import { DockerDisk } from '../../core/node/disk/dockerDisk.js';
import { hostsFolder } from '../hosts/paths.mjs';
import { at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';

const socket = (): string => (process.env['DOCKER_HOST'] ?? '').replace('unix://', '');

/** Asks the engine of the environment. @throws with its words when it refuses. */
export function ask(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket(), method, path: `/v1.47${path}` }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if ((response.statusCode ?? 500) >= 300) reject(new Error(`${response.statusCode ?? 0} ${text.trim()}`));
        else resolve(text.trim() === '' ? undefined : parseJson(text));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

/** The engine of the environment. */
export function reclaimAccess(): Pick<DiskAccess, 'remove' | 'measure'> {
  return new DockerDisk({ program: 'docker', builder: undefined, env: process.env });
}

export function measured(): Promise<DiskReport> {
  return reclaimAccess().measure(new AbortController().signal, () => undefined);
}

/** What is on disk of an engine that `engine.sh` started, by the machine's own programs. Bytes. */
export interface OnDisk {
  /** Files in the folders of layers, hard links once, links by the length of their text (overlay2). */
  readonly layers: number;
  /** Files that the engine keeps for containers. */
  readonly containers: number;
  /** Snapshots with their folders, in blocks, and lengths of what is packed (containerd). */
  readonly content: number;
}

export async function onDisk(): Promise<OnDisk> {
  const root = join(hostsFolder(), 'engine-root', 'srv', 'dk', basename(dirname(socket())), 'data');
  const files = async (...where: readonly string[]): Promise<number> => {
    const list = await run('find', [...where, '-not', '-type', 'd', '-printf', '%i %s\n']);
    const sizes = new Map(
      list.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(' ') as [string, string]),
    );
    return [...sizes.values()].reduce((sum, bytes) => sum + Number(bytes), 0);
  };
  const containerd = join(root, 'containerd', 'daemon');
  const snapshots = join(containerd, 'io.containerd.snapshotter.v1.overlayfs', 'snapshots');
  const blocks = await run('du', ['-s', '-B1', snapshots]);
  return {
    layers: await files(join(root, 'overlay2'), '-path', '*/diff/*'),
    containers: await files(join(root, 'containers')),
    content:
      Number(blocks.stdout.split('\t')[0]) +
      (await files(join(containerd, 'io.containerd.content.v1.content', 'blobs'))),
  };
}

/** `LayersSize` of `docker system df`: what the engine says that images take. */
export async function layersSize(): Promise<number> {
  return Number(at(await ask('GET', '/system/df'), 'LayersSize'));
}

/** The items of things in a report that fulfil a condition. */
export function pick(report: DiskReport, kind: ReclaimItem['kind'], matches: (name: string) => boolean): ReclaimItem[] {
  const all: ReclaimItem[] = [
    ...report.containers.map(({ id, name }): ReclaimItem => ({ kind: 'container', id, name })),
    ...report.images.map(({ id, names }): ReclaimItem => ({ kind: 'image', id, name: names[0] ?? '' })),
    ...report.buildCache.map(({ id, description }): ReclaimItem => ({ kind: 'build-cache', id, name: description })),
    ...report.volumes.map(({ name }): ReclaimItem => ({ kind: 'volume', id: name, name })),
  ];
  return all.filter((item) => item.kind === kind && matches(item.name));
}

/** The plan as `kind name bytes`, one item a line. */
export function linesOf({ items }: ReclaimPlan): string[] {
  return items.map(({ kind, name, bytes }) => `${kind} ${name}: ${bytes}`);
}
