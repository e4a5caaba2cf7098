import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };

/** A builder as the list of builders names it, and the program that knows its images and containers. */
interface OtherBuilder {
  readonly kind: string;
  readonly file: string;
  readonly entry: string;
  /** As hovers name it. */
  readonly shown: string;
  readonly program: string;
  readonly base: string;
  readonly isThere: boolean;
  /** Lists ids of all containers, also of those that a build works in. */
  readonly containers: readonly string[];
}

const BUILDERS: readonly OtherBuilder[] = [
  {
    kind: 'classic',
    file: 'Dockerfile',
    entry: 'DOCKER_BUILDKIT=0',
    shown: 'classic builder',
    program: 'docker',
    base: 'busybox:1',
    isThere: true,
    containers: ['ps', '--all', '--quiet', '--no-trunc'],
  },
  {
    kind: 'podman',
    file: 'Dockerfile.podman',
    entry: 'podman build',
    shown: 'Buildah',
    program: 'podman',
    base: 'localhost/busybox:1',
    // with one that is started for the suites its tests must run
    isThere: process.env['LAYER_INSIGHT_REQUIRE_PODMAN'] === '1',
    containers: ['ps', '--all', '--external', '--quiet', '--no-trunc'],
  },
];

function dockerfileOf(base: string, label: string): string {
  return `FROM ${base}
LABEL ${label}
WORKDIR /app
COPY a.txt ./
RUN cat a.txt; for i in 1 2 3 4; do echo tick $i; sleep 1; done
RUN echo last
`;
}

/** Builds and containers of builders that are chosen for a Dockerfile, by mouse and keyboard. */
describe('the builder that was chosen', () => {
  const parent = mkdtempSync(join(tmpdir(), 'li-ui-builders-'));
  const unique = randomUUID().slice(0, 8);
  const folder = join(parent, `shop-${unique}`);
  const label = `li-ui=${unique}`;
  let workbench: Workbench;
  tellFailures(() => workbench);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeAll(async () => {
    mkdirSync(folder);
    for (const { file, base } of BUILDERS) write(file, dockerfileOf(base, label));
    // nothing on the engines is like it
    write('a.txt', `${randomUUID()}${'-'.repeat(randomInt(10_000))}\n`);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    rmSync(parent, { recursive: true, force: true });
    await Workbench.close();
  });

  for (const builder of BUILDERS) {
    describe.skipIf(!builder.isThere)(builder.kind, () => testBuilder(builder));
  }

  function testBuilder({ kind, file, entry, shown, program, base, containers }: OtherBuilder): void {
    const tag = `localhost/li-ui-${kind}-${unique}:latest`;
    const container = `li-ui-${kind}-${unique}`;
    /** Seconds that nothing else on this machine sleeps, and longer than any test. */
    const seconds = 3000 + randomInt(1_000_000);
    const dockerfile = dockerfileOf(base, label);
    let before: readonly string[] = [];

    const engine = (...args: readonly string[]) =>
      execFileSync(program, args, { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    const ids = (...args: readonly string[]) =>
      engine(...args)
        .split('\n')
        .filter((id) => id !== '');
    const newContainers = () => ids(...containers).filter((id) => !before.includes(id));
    const commands = () => spawnSync('pgrep', ['-f', `sleep ${seconds}`], { encoding: 'utf8' }).stdout;
    const build = async () => {
      await workbench.command('Notifications: Clear All Notifications');
      await workbench.command('Layer Insight: Build Image');
    };
    const picture = (name: string) => workbench.picture(`builder-${kind}-${name}`);
    /** Has another last line on disk, and waits until the editor shows it. */
    const withLast = async (line: string) => {
      write(file, dockerfile.replace('RUN echo last', line));
      await expect.poll(() => workbench.text(), patience).toContain(line);
    };

    beforeAll(() => {
      before = ids(...containers);
    });
    afterAll(() => {
      const quietly = (...args: readonly string[]) => spawnSync(program, args, { stdio: 'ignore', timeout: 60_000 });
      quietly('rm', '--force', container);
      for (const id of ids('ps', '--all', '--quiet', '--filter', `label=${label}`)) quietly('rm', '--force', id);
      quietly('rmi', '--force', tag);
      for (const id of ids('image', 'ls', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`))
        quietly('rmi', '--force', id);
      expect(ids('image', 'ls', '--all', '--quiet', '--filter', `label=${label}`)).toEqual([]);
    }, 60_000);

    it('is chosen from a list, and predicts', async () => {
      await workbench.command('File: Focus on Files Explorer');
      await workbench.sideBarRow(file).first().dblclick();
      await expect.poll(() => workbench.text(), patience).toContain(`FROM ${base}`);
      // commands of an extension are not found before it is there
      await expect.poll(() => workbench.hint('RUN echo last'), patience).toMatch(/rebuild|may hit/);
      await workbench.command('Layer Insight: Choose Builder…');
      await expect.poll(() => workbench.picks(), patience).toContain(entry);
      await picture('0-choice');
      await workbench.pick(entry).click();
      await expect.poll(() => workbench.hover('COPY a.txt'), patience).toContain(shown);
      await expect.poll(() => workbench.hint('COPY a.txt'), patience).toMatch(/rebuild/);
    }, 60_000);

    it('shows on the lines how far it is, and what it did', async () => {
      await build();
      await workbench.answer(`Layer Insight: Build ${file}`, tag);
      await expect.poll(() => workbench.behind('RUN cat'), patience).toMatch(/running [2-4] s/);
      await expect.poll(() => workbench.behind('RUN echo last'), patience).toMatch(/waiting/);
      await picture('1-live');
      await expect.poll(() => workbench.hover('RUN cat'), patience).toMatch(/tick \d/);
      await workbench.page.mouse.move(5, 5);
      await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
      await expect.poll(() => workbench.behind('RUN cat'), patience).toMatch(/^done \d.* s · as predicted$/);
      await picture('2-done');
      expect(ids('image', 'ls', '--quiet', tag)).toHaveLength(1);
    }, 90_000);

    it('finds it in the cache the second time, as predicted', async () => {
      await expect.poll(() => workbench.hint('RUN echo last'), patience).toMatch(/cached/);
      await build();
      await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
      await expect.poll(() => workbench.behind('RUN cat'), patience).toBe('cached · as predicted');
      await picture('3-cached');
    }, 60_000);

    it('runs the image as a container, which is stopped and removed', async () => {
      await workbench.page.getByRole('button', { name: 'Run Image' }).click();
      const form = workbench.page.locator('.quick-input-widget:visible').filter({ hasText: `Run ${tag}` });
      const choose = async (what: string) => {
        await form.waitFor();
        await form.locator('input').first().fill(what);
        await workbench.page.keyboard.press('Enter');
      };
      await choose('Command');
      const command = "trap 'exit 0' TERM; cat a.txt; while :; do sleep 1 & wait $!; done";
      await workbench.answer('Layer Insight: Command', `sh -c "${command}"`);
      await choose('Name');
      await workbench.answer('Layer Insight: Name of the Container', container);
      await choose('In a Terminal');
      await choose('Removed When It Ends');
      await expect.poll(() => workbench.picks(), patience).toMatch(/In the Background[^]*Kept When It Ends/);
      await picture('4-form');
      await choose('Run');
      await expect.poll(() => workbench.messages(), patience).toMatch(new RegExp(`runs as ${container}`));
      await expect.poll(() => engine('logs', container), patience).toMatch(/-$/);
      await picture('5-runs');
      await workbench.command('Layer Insight: Stop Container');
      await workbench.pick(container).click();
      const state = () => engine('container', 'inspect', '--format', '{{.State.Status}}', container);
      await expect.poll(state, patience).toBe('exited');
      await workbench.command('Layer Insight: Remove Container…');
      await workbench.pick(container).click();
      const dialog = workbench.page.locator('.monaco-dialog-box');
      await expect.poll(() => dialog.textContent(), patience).toContain(container);
      await picture('6-confirm');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await expect.poll(newContainers, patience).toEqual([]);
    }, 90_000);

    it('marks what failed, with the words of the command', async () => {
      await withLast('RUN echo boom >&2; exit 3');
      await build();
      await expect.poll(() => workbench.messages(), patience).toMatch(/The build of .* failed/);
      await expect.poll(() => workbench.behind('RUN echo boom'), patience).toBe('failed · exit code: 3 · boom');
      await expect.poll(() => workbench.page.locator('.squiggly-error').count(), patience).toBeGreaterThan(0);
      await picture('7-failed');
    }, 60_000);

    it('is stopped by a command, and leaves no command behind', async () => {
      await withLast(`RUN sleep ${seconds}`);
      await build();
      await expect.poll(() => workbench.behind('RUN sleep'), patience).toMatch(/running \d+ s/);
      await workbench.command('Layer Insight: Stop Build');
      await expect.poll(() => workbench.behind('RUN sleep'), patience).toMatch(/^stopped$/);
      await picture('8-stopped');
      await expect.poll(commands, patience).toBe('');
    }, 90_000);
  }
});
