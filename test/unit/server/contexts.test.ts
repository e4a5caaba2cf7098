import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { HashPool } from '../../../core/node/hash/pool';
import { ContextSession } from '../../../server/contexts';

describe('a change on disk', () => {
  const session = new ContextSession(
    '/work/app',
    '/work/docker/Dockerfile',
    'buildkit',
    '/state',
    new HashPool(''),
    () => undefined,
  );

  it.each([
    '/work/app',
    '/work/app/a',
    '/work/app/deep/er/file',
    '/work/app/.dockerignore',
    '/work/docker/Dockerfile.dockerignore',
  ])('concerns the context: %s', (path) => {
    expect(session.concerns(path)).toBe(true);
  });

  it.each(['/work', '/work/application/a', '/work/docker/Dockerfile', '/work/docker/other.dockerignore', '/app/a'])(
    'does not concern it: %s',
    (path) => {
      expect(session.concerns(path)).toBe(false);
    },
  );
});

describe('a change while everything is looked at', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'li-contexts-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is told before the end of that look', async () => {
    const root = join(folder, 'context');
    for (let part = 0; part < 100; part++) {
      mkdirSync(join(root, `part${part}`), { recursive: true });
      for (let file = 0; file < 50; file++) writeFileSync(join(root, `part${part}`, `${file}`), '');
    }
    const session = new ContextSession(
      root,
      join(root, 'Dockerfile'),
      'buildkit',
      folder,
      new HashPool(''),
      () => undefined,
    );
    await session.scan();
    await sleep(150);
    const { lookedAt } = session.index.tree;
    const told: (number | undefined)[] = [];
    session.onChanged(() => told.push(session.index.tree.lookedAt));
    const whole = session.scan();
    appendFileSync(join(root, 'part50', '7'), 'changed');
    session.touch(join(root, 'part50', '7'));
    await whole;
    expect(told[0]).toBe(lookedAt);
    expect(session.index.tree.node('part50/7')?.entry?.size).toBe('changed'.length);
    await session.dispose();
  });
});

describe('a change that is first seen when a file is read', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'li-contexts-read-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['ahead of time', 'for an answer'])('is told, as no later look finds it again: %s', async (when) => {
    const root = join(folder, when);
    mkdirSync(root);
    const file = join(root, 'app.js');
    writeFileSync(file, 'as it was built');
    writeFileSync(join(root, 'other.js'), 'as it was built');
    const session = new ContextSession(
      ...([
        root,
        join(root, 'Dockerfile'),
        'buildkit',
        join(folder, 'state'),
        new HashPool(''),
        () => undefined,
      ] as const),
    );
    await session.scan();
    const [node, other] = [session.index.tree.node('app.js'), session.index.tree.node('other.js')];
    if (node === undefined || other === undefined) throw new Error('the files were not found');
    const read = (one: typeof node) => (when === 'for an answer' ? session.read([one]) : session.readAhead([one]));
    let told = 0;
    session.onChanged(() => told++);
    await read(other);
    expect(told).toBe(0);
    appendFileSync(file, ', and then changed');
    await read(node);
    expect(told).toBe(1);
    expect(node.entry?.size).toBe('as it was built, and then changed'.length);
    // what the editor's watcher reports of it afterwards is nothing new
    await session.scan();
    expect(told).toBe(1);
    await session.dispose();
  });
});
