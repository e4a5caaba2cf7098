import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 30_000, interval: 250 };
const UNIQUE = randomUUID().slice(0, 8);
const tagOf = (name: string) => `li-ui-${name}-${UNIQUE}:latest`;
const TAGS = { compose: tagOf('compose'), edited: tagOf('edited'), task: tagOf('task') };

const DOCKERFILE = `FROM busybox:1 AS base
WORKDIR /srv
COPY index.html ./
FROM base AS shop
ARG EDITION=plain
RUN echo "$EDITION" > edition
CMD ["cat", "edition"]
`;
const COMPOSE = `services:
  shop:
    image: ${TAGS.compose}
    build:
      context: .
      args:
        EDITION: golden
    ports:
      - 8080:80
`;
const BROKEN = `FROM busybox:1
COPY index.html /
RUN echo boom >&2 && false
`;
const task = (label: string, more: object) => ({ label, type: 'layerInsight.build', ...more });
const TASKS = {
  version: '2.0.0',
  tasks: [
    task('the shop', { dockerfile: 'Dockerfile', tags: [TAGS.task] }),
    task('the broken one', { dockerfile: 'broken.Dockerfile', tags: [] }),
    {
      ...{ label: 'the broken one in a shell', type: 'shell', command: 'docker build -f broken.Dockerfile .' },
      problemMatcher: '$layer-insight-build',
    },
  ],
};

/** How a Dockerfile is built, chosen by clicks: a compose file's way, one's own, and tasks of the workspace. */
describe('build profiles and tasks', () => {
  const parent = mkdtempSync(join(tmpdir(), 'li-ui-profiles-'));
  const project = join(parent, `shop-${UNIQUE}`);
  let workbench: Workbench;
  tellFailures(() => workbench);

  const docker = (...args: readonly string[]) => execFileSync('docker', args, { stdio: 'pipe' }).toString().trim();
  const write = (name: string, text: string) => writeFileSync(join(project, name), text);
  const idOf = (tag: string) => docker('image', 'ls', '--quiet', '--no-trunc', tag);
  const picture = async (name: string) => {
    // lists come and go in a movement
    await workbench.page.waitForTimeout(400);
    await workbench.picture(`profiles-${name}`);
  };
  const quick = (title: string) => workbench.page.locator('.quick-input-widget:visible').filter({ hasText: title });
  const problems = async () =>
    (await workbench.page.locator('.markers-panel .monaco-list-row').allTextContents())
      .join('\n')
      .replaceAll('\u00a0', ' ');
  /** Rows of the Builds view, the newest first. */
  const builds = async () => {
    const view = workbench.page
      .locator('.sidebar .pane')
      .filter({ has: workbench.page.locator('.pane-header', { hasText: /^Builds/ }) });
    const rows = await view.locator('.monaco-list-row[role="treeitem"]').allTextContents();
    return rows.map((row) => row.replaceAll('\u00a0', ' '));
  };
  const runTask = async (label: string) => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Tasks: Run Task');
    await workbench.pick(label).click();
  };

  beforeAll(async () => {
    mkdirSync(join(project, '.vscode'), { recursive: true });
    write('Dockerfile', DOCKERFILE);
    write('broken.Dockerfile', BROKEN);
    write('compose.yaml', COMPOSE);
    write('index.html', `<h1>${randomUUID()}</h1>\n`);
    write('.vscode/tasks.json', JSON.stringify(TASKS));
    workbench = await Workbench.open(project, 'Dockerfile', await packageExtension(), {
      // so that its text can be read
      'terminal.integrated.gpuAcceleration': 'off',
    });
  }, 240_000);
  afterAll(async () => {
    for (const tag of Object.values(TAGS)) {
      execFileSync('docker', ['image', 'rm', '--force', tag], { stdio: 'ignore' });
    }
    rmSync(parent, { recursive: true, force: true });
    await Workbench.close();
  });

  it('offers before the first build how a compose file builds it, and builds so when that is chosen', async () => {
    await expect.poll(() => workbench.hint('RUN echo'), patience).toMatch(/rebuild/);
    await workbench.command('Layer Insight: Build Image');
    await quick('Build Profile of Dockerfile').waitFor();
    await expect.poll(() => workbench.picks(), patience).toMatch(/compose shop[^]*By itself/);
    await expect.poll(() => workbench.picks(), patience).toContain(TAGS.compose);
    await picture('1-offered');
    expect(idOf(TAGS.compose)).toBe('');
    await workbench.pick('compose shop').click();
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    expect(docker('run', '--rm', TAGS.compose)).toBe('golden');
    await picture('2-built');
  }, 90_000);

  it('changes parts of a profile one after the other, and builds with them', async () => {
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Layer Insight: Edit Build Profile…');
    await quick('Build Profile of Dockerfile').waitFor();
    await workbench.pick('compose shop').click();
    await quick('Edit Build Profile compose shop').waitFor();
    await picture('3-parts');
    await workbench.pick('Names of the Image').click();
    const question = quick('Name of the image, several with blanks between');
    await expect.poll(() => question.locator('input').first().inputValue(), patience).toBe(TAGS.compose);
    await question.locator('input').first().fill(TAGS.edited);
    await workbench.page.keyboard.press('Enter');
    await expect.poll(() => workbench.picks(), patience).toMatch(new RegExp(`Names of the Image, ${TAGS.edited}`));
    await workbench.pick('Target').click();
    await quick('Target of Dockerfile').waitFor();
    await workbench.pick('base').click();
    await expect.poll(() => workbench.picks(), patience).toMatch(/Target, base/);
    await picture('4-changed');
    await workbench.page.keyboard.press('Escape');
    // the prediction is for what the profile says
    await expect.poll(() => workbench.hint('RUN echo'), patience).not.toMatch(/cached|rebuild/);
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    expect(docker('run', '--rm', TAGS.edited, 'sh', '-c', 'ls')).toBe('index.html');
    await picture('5-built');
  }, 90_000);

  it('runs a build that tasks.json has', async () => {
    await runTask('the shop');
    await expect.poll(() => workbench.messages(), patience).toMatch(/was built/);
    await picture('6-task');
    expect(idOf(TAGS.task)).toMatch(/^sha256:/);
  }, 60_000);

  it('marks the line at which a task of tasks.json fails, and lists it', async () => {
    await runTask('the broken one');
    await expect.poll(() => workbench.messages(), patience).toMatch(/The build of broken\.Dockerfile failed/);
    await workbench.command('Problems: Focus on Problems View');
    await expect.poll(problems, patience).toMatch(/broken\.Dockerfile[^]*exit code: 1.*\[Ln 3, Col 1\]/);
    await picture('7-problem');
    await workbench.page.getByRole('button', { name: 'Go to Line' }).click();
    await expect.poll(() => workbench.tabs(), patience).toMatch(/broken\.Dockerfile/);
    await expect.poll(() => workbench.behind('RUN echo boom'), patience).toMatch(/^failed · exit code: 1 · boom/);
    await expect.poll(() => workbench.page.locator('.squiggly-error').count(), patience).toBeGreaterThan(0);
    await picture('8-line');
    await workbench.command('View: Close Editor');
  }, 60_000);

  it('takes the error of a docker build that the user runs as a task, too', async () => {
    const before = await problems();
    await runTask('the broken one in a shell');
    // it takes the place of the problems
    await expect.poll(() => workbench.terminal(), patience).toMatch(/Terminal will be reused by tasks/);
    await workbench.command('Problems: Focus on Problems View');
    const found = async () => (await problems()).match(/broken\.Dockerfile:3/g) ?? [];
    await expect.poll(found, patience).toHaveLength(1);
    expect(before).not.toMatch(/broken\.Dockerfile:3/);
    await picture('9-matcher');
    await workbench.command('View: Hide Panel');
  }, 60_000);

  it('lists how past builds ended: done, failed and stopped', async () => {
    write('Dockerfile', DOCKERFILE.replace('COPY index.html ./', 'RUN false'));
    await expect.poll(() => workbench.text(), patience).toMatch(/RUN false/);
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.behind('RUN false'), patience).toMatch(/^failed/);
    write('Dockerfile', DOCKERFILE.replace('COPY index.html ./', 'RUN sleep 30'));
    await expect.poll(() => workbench.text(), patience).toMatch(/sleep 30/);
    await workbench.command('Layer Insight: Build Image');
    await expect.poll(() => workbench.behind('RUN sleep'), patience).toMatch(/^running/);
    await workbench.command('Layer Insight: Stop Build');
    await expect.poll(() => workbench.behind('RUN sleep'), patience).toMatch(/^stopped/);
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.command('Focus on Builds View');
    await expect.poll(builds, patience).toEqual([
      expect.stringMatching(/^[\d:]{8}stopped · /),
      expect.stringMatching(/^[\d:]{8}failed · /),
      // that of the task, of the edited profile and of the compose file
      expect.stringMatching(/cached/),
      expect.stringMatching(/cached/),
      expect.stringMatching(/cached/),
    ]);
    await workbench.themed('vs');
    await picture('10-builds-light');
  }, 90_000);

  it('shows them in a dark theme as well', async () => {
    await workbench.configure({ 'workbench.colorTheme': 'Dark Modern' });
    await workbench.themed('vs-dark');
    await expect.poll(() => workbench.statusBar(), patience).toMatch(/\d+\/\d+ cached/);
    await workbench.command('Focus on Builds View');
    await expect.poll(async () => (await builds()).length, patience).toBe(5);
    await expect.poll(() => workbench.layersMessage(), patience).toMatch(/1\/2 cached/);
    await picture('11-builds-dark');
  }, 60_000);
});
