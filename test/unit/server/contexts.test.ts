import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'vscode-languageserver';
import { afterAll, describe, expect, it } from 'vitest';
import { HashPool } from '../../../core/node/hash/pool';
import type { ContextNode } from '../../../core/context/tree';
import { ContextSession, ContextSessions } from '../../../server/contexts';
import { FileWatchers } from '../../../server/watchers';

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

describe('a context that is opened again', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'li-contexts-again-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const sessions = (state: string): ContextSessions =>
    new ContextSessions(
      { env: { ...process.env, XDG_STATE_HOME: join(folder, state) }, hashWorker: '' },
      new FileWatchers({} as Connection),
      () => undefined,
    );
  const context = (name: string): readonly [root: string, dockerfile: string, file: string] => {
    const root = join(folder, name, 'context');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'app.js'), 'as it was built');
    return [root, join(root, 'Dockerfile'), join(root, 'app.js')];
  };
  const nodeIn = (session: ContextSession): ContextNode => {
    const node = session.index.tree.node('app.js');
    if (node === undefined) throw new Error('the file was not found');
    return node;
  };

  it('knows at once what was read of it a moment ago', async () => {
    const [root, dockerfile, file] = context('app');
    const all = sessions('state');
    const first = all.get(root, dockerfile, 'buildkit');
    await sleep(50);
    await first.scan();
    await first.readAhead([nodeIn(first)]);
    const { digest } = nodeIn(first);
    all.release(first);
    const again = all.get(root, dockerfile, 'buildkit');
    expect(again).not.toBe(first);
    writeFileSync(file, 'changed before anything was read');
    await again.scan();
    expect(nodeIn(again).versions).toMatchObject([{ digest }]);
    all.release(again);
    await all.dispose();
  });

  it('says so when another window wrote down more than it knows', async () => {
    const [root, dockerfile] = context('shared');
    const [here, there] = [sessions('shared-state'), sessions('shared-state')];
    const [ours, theirs] = [here.get(root, dockerfile, 'buildkit'), there.get(root, dockerfile, 'buildkit')];
    await sleep(50);
    await Promise.all([ours.scan(), theirs.scan()]);
    await theirs.readAhead([nodeIn(theirs)]);
    there.release(theirs);
    await there.dispose();
    let told = 0;
    ours.onChanged(() => told++);
    await ours.scan();
    await expect.poll(() => told, { timeout: 5000 }).toBe(1);
    expect(nodeIn(ours).digest).toBe(nodeIn(theirs).digest);
    here.release(ours);
    await here.dispose();
  });
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
