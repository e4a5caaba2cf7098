import { execFileSync } from 'node:child_process';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleCopy } from '../hosts/hostSuites.mjs';
import { packageExtension } from '../hosts/project.mjs';
import { tellFailures } from './failures';
import { Workbench } from './workbench';

const patience = { timeout: 20_000, interval: 250 };
const NAME = 'layer-insight-ui-disk';
const BYTES = 3_000_000;

/** The panel in the editor, on the real engine: opened, looked at, used to remove one thing, and there after a reload. */
describe('the panel of disk usage', () => {
  const folder = exampleCopy('ui-disk');
  let workbench: Workbench;
  tellFailures(() => workbench);
  const docker = (...args: readonly string[]) => execFileSync('docker', args, { stdio: 'pipe' }).toString();
  /** The frame that has our page, which the editor makes anew each time that the panel is shown. */
  const frame = async (): Promise<Frame> => {
    let found: Frame | undefined;
    await expect
      .poll(async () => {
        for (const one of workbench.page.frames()) {
          if (
            (await one
              .locator('li-disk-usage')
              .count()
              .catch(() => 0)) > 0
          )
            found = one;
        }
        return found !== undefined;
      }, patience)
      .toBe(true);
    if (found === undefined) throw new Error('no page');
    return found;
  };
  const text = async (selector: string) => {
    const page = await frame();
    return page
      .locator(selector)
      .first()
      .innerText({ timeout: 1000 })
      .catch(() => '');
  };

  /** When it was measured; others may change the engine meanwhile, which stands behind that. */
  const measuredAt = async () => /^Measured .*? took .*?\./.exec(await text('.measured'))?.[0] ?? '';

  beforeAll(async () => {
    docker('rm', '--force', NAME);
    docker('run', '--name', NAME, 'busybox:1', 'sh', '-c', `head -c ${BYTES} /dev/zero > /made`);
    workbench = await Workbench.open(folder, 'Dockerfile', await packageExtension());
  }, 240_000);
  afterAll(async () => {
    docker('rm', '--force', NAME);
    await Workbench.close();
  });

  it('measures when it is opened', async () => {
    // the palette knows the command once the extension is there
    await expect.poll(() => workbench.hint('WORKDIR /app'), patience).toMatch(/cached|rebuild/);
    await workbench.command('Layer Insight: Show Disk Usage');
    await expect.poll(() => text('.total'), patience).toMatch(/\d [kMG]?B/);
    await expect.poll(() => text('.facts'), patience).toMatch(/Docker \d+/);
    const page = await frame();
    // what the editor gives: its styles, its policy
    await expect.poll(() => page.locator('li-treemap .cell').count(), patience).toBeGreaterThan(0);
    await expect.poll(() => page.locator('li-table tbody').innerText(), patience).toMatch(new RegExp(NAME));
    await workbench.picture('disk-editor-1-panel');
  }, 120_000);

  it('shows what the container changed', async () => {
    const page = await frame();
    await page.getByRole('button', { name: `Show changes of ${NAME}` }).click();
    await expect.poll(() => text('.changes'), patience).toMatch(/1 added.*3 MB[^]*\/made/s);
    await workbench.picture('disk-editor-2-changes');
    await page.getByRole('button', { name: 'Close' }).click();
  }, 60_000);

  it('removes exactly what was planned, and the engine and the next measurement say the same', async () => {
    const page = await frame();
    await page.getByRole('checkbox', { name: `Select ${NAME}` }).check();
    await page.getByText('Plan Removal of 1 Item').click();
    await expect
      .poll(() => text('.plan'), patience)
      .toMatch(new RegExp(`Container[^]*${NAME}[^]*docker (container )?rm`));
    await expect.poll(() => text('.frees'), patience).toMatch(/3(\.\d+)? MB/);
    await workbench.picture('disk-editor-3-plan');
    expect(docker('ps', '--all', '--filter', `name=${NAME}`, '--quiet')).not.toBe('');
    await page.locator('vscode-button.confirm').click();
    await expect.poll(() => text('.outcome'), patience).toMatch(/Removed 1 item/);
    await workbench.picture('disk-editor-4-outcome');
    expect(docker('ps', '--all', '--filter', `name=${NAME}`, '--quiet')).toBe('');
    const figures = await text('.figures');
    const planned = Number(
      /The plan said, at least\s+\S+ \S+\s+([\d,]+) bytes/.exec(figures)?.[1]?.replaceAll(',', ''),
    );
    expect(planned, figures).toBeGreaterThanOrEqual(BYTES);
    expect(figures).toMatch(/By the next measurement\s+3(\.\d+)? MB/);
  }, 120_000);

  it('has the same as a tree, without measuring again', async () => {
    const measured = await measuredAt();
    await workbench.command('Focus on Disk Usage View');
    await expect.poll(() => workbench.layers(), patience).toContainEqual(expect.stringMatching(/^Total.*\d [kMG]?B/));
    expect(measured).toMatch(/^Measured/);
    expect(await measuredAt()).toBe(measured);
    await workbench.picture('disk-editor-5-tree');
  }, 60_000);

  it('is there again in a window that is loaded again, as it was, with what was measured before', async () => {
    const page = await frame();
    await page.getByText('Close', { exact: true }).click();
    const [total, measured] = [await text('.total'), await measuredAt()];
    // an address that opens a file keeps the editor from opening what was open before
    const address = new URL(workbench.page.url());
    address.searchParams.delete('payload');
    await workbench.page.evaluate((href) => history.replaceState(history.state, '', href), address.href);
    await (await frame()).getByRole('tab', { name: /^Images/ }).click();
    // the state is put away a moment later
    await workbench.page.waitForTimeout(1000);
    // it may be loaded before whoever gave the command gets to wait for that
    const loaded = workbench.page.waitForEvent('load', { timeout: 60_000 });
    await workbench.command('Developer: Reload Window');
    await loaded;
    await expect.poll(() => text('[role=tab][aria-selected=true]'), patience).toMatch(/^Images/);
    expect(await text('.total')).toBe(total);
    expect(await measuredAt()).toBe(measured);
    await workbench.picture('disk-editor-6-reloaded');
  }, 120_000);
});
