import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DiskPlan, ReclaimOutcome } from '../../core/model';
import { largeReport, textbookReport } from '../unit/support/diskReport';
import { DiskPage } from './diskPage';
import type { ThemeName } from './themes';

const THEME_NAMES: readonly ThemeName[] = ['dark', 'light', 'highContrast', 'highContrastLight'];

const plan: DiskPlan = {
  id: '7',
  plan: {
    items: [
      { kind: 'container', id: 'c-idle', name: 'idle', bytes: 2_005_000, isRequired: true, rebuildMs: null },
      { kind: 'image', id: 'sha256:tools', name: 'tools:1', bytes: 40_000_000, isRequired: false, rebuildMs: 61_000 },
    ],
    refused: [{ item: { kind: 'image', id: 'sha256:web', name: 'web:1' }, why: 'five containers use it.' }],
    freesAtLeast: 42_005_000,
    freesAtMost: 46_005_000,
    uncertainty: 'A build cache record of the same size may hold a layer.',
    stays: [{ bytes: 50_000_000, why: 'its layer ADD rootfs.tar.gz / is a part of web:1.' }],
    commands: [
      ['docker', 'rm', 'idle'],
      ['docker', 'rmi', "it's:1"],
    ],
  },
  lost: [
    {
      uri: 'file:///work/Dockerfile',
      dockerfile: '/work/Dockerfile',
      steps: [{ line: 3, text: 'RUN npm ci', verdict: 'rebuild', lastDurationMs: 61_000 }],
      estimatedMs: 61_000,
    },
  ],
  dockerfiles: 1,
  notCovered: ['Only Dockerfiles that are open here were looked at.'],
};
const outcome: ReclaimOutcome = {
  removed: [{ kind: 'image', id: 'sha256:tools', name: 'tools:1' }],
  failed: [{ item: { kind: 'container', id: 'c-idle', name: 'idle' }, why: 'the container is running' }],
  engineBytes: 40_000_000,
  measuredBytes: 40_000_004,
};

describe('the page of disk usage', () => {
  let disk: DiskPage;
  const text = (selector: string) => disk.page.locator(selector).first().innerText();
  const tab = (name: string) => disk.page.getByRole('tab', { name: new RegExp(`^${name}`) });
  const row = (name: string) => disk.page.locator('li-table tbody tr').filter({ hasText: name }).first();
  const key = (name: string) => disk.page.keyboard.press(name);

  beforeAll(async () => {
    disk = await DiskPage.start();
  }, 60_000);
  afterAll(() => disk.close());

  it('says what it is doing before there is a report, and can be told to stop', async () => {
    await disk.open();
    await disk.state({ isMeasuring: true, progress: 'Sizes of containers' });
    await expect.poll(() => text('main')).toMatch(/Measuring for the first time/);
    expect(await text('.progress')).toBe('Sizes of containers');
    expect(await disk.page.getByRole('status').textContent()).toBe('Sizes of containers');
    await disk.page.getByRole('button', { name: 'Cancel' }).click();
    await disk.sent('cancel');
    await disk.state({});
    await disk.report(null, 'No engine answers at unix:///var/run/docker.sock.');
    await expect.poll(() => text('.nothing')).toMatch(/No engine answers/);
    await disk.page.getByRole('button', { name: 'Measure' }).click();
    await disk.sent('measure');
  });

  describe('with a report', () => {
    beforeEach(async () => {
      await disk.page.setViewportSize({ width: 1280, height: 900 });
      await disk.open();
      await disk.state({});
      await disk.report(textbookReport());
      await disk.page.locator('li-treemap .cell').first().waitFor();
    });

    it('shows total, parts, what is not measured, and where the total comes from', async () => {
      expect(await text('.totals')).toMatch(/On disk: 318 MB/);
      expect(await text('.totals')).toMatch(/318,180,000 bytes, each counted once/);
      expect(await text('.facts')).toMatch(/Docker 28\.5\.2[^]*overlay2[^]*\/var\/lib\/docker/);
      expect(await text('.missing')).toMatch(/Logs of container idle[^]*readable by root/);
      await disk.page.getByText('How this follows').click();
      // five containers of one image: the sum of what is their own, and the image once
      expect(await text('.example')).toMatch(
        /5 containers of web:1.*together 950 MB.*On disk are 190 MB.*150 kB.*190 MB/s,
      );
      expect(await text('.virtual')).toMatch(/1\.04 GB, and 810 MB of that are counted more than once/s);
      expect(await row('idle').innerText()).toMatch(/not measured/);
    });

    it('breaks none of the rules of its security policy', async () => {
      for (const name of ['Images', 'Layers', 'Volumes', 'Bind mounts', 'Build cache', 'Containers'])
        await tab(name).click();
      expect(await disk.violations()).toEqual([]);
      expect(await disk.page.locator('[style*="javascript"], [onclick], script:not([nonce])').count()).toBe(0);
      // the policy is one: what it forbids does not happen
      await disk.page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>'));
      await expect.poll(() => disk.violations()).toContainEqual(expect.stringMatching(/style-src/));
    });

    it('goes through tabs, titles and cells with the keyboard', async () => {
      await tab('Containers').focus();
      await key('ArrowRight');
      expect(await disk.focused()).toMatch(/^Images/);
      await key('ArrowLeft');
      expect(await disk.focused()).toMatch(/^Containers/);
      // one stop for the whole grid
      await disk.page.getByRole('grid').locator('[tabindex="0"]').first().focus();
      expect(await disk.page.locator('li-table [tabindex="0"]').count()).toBe(1);
      await key('Control+Home');
      expect(await disk.focused()).toBe('Select idle');
      await key('Space');
      expect(await row('idle').getAttribute('aria-selected')).toBe('true');
      await key('ArrowRight');
      expect(await disk.focused()).toBe('idle');
      await key('End');
      expect(await disk.focused()).toBe('Show changes of idle');
      await key('ArrowLeft');
      expect(await disk.focused()).toBe('Keep idle');
      await key('Control+Home');
      await key('ArrowRight');
      await key('ArrowUp');
      expect(await disk.focused()).toBe('Name');
      await key('Enter');
      await expect.poll(() => disk.page.locator('th[aria-sort="ascending"]').innerText()).toMatch(/Name/);
      expect(await disk.page.getByRole('status').textContent()).toBe('Sorted by Name, ascending');
      await key('ArrowDown');
      expect(await disk.focused()).toBe('five');
      await disk.page.locator('li-treemap .cell').first().focus();
      await key('End');
      const last = await disk.focused();
      await key('Home');
      expect(await disk.focused()).not.toBe(last);
      await key('ArrowRight');
      await key('ArrowRight');
      await key('Enter');
      await expect.poll(() => disk.page.getByRole('tab', { selected: true }).innerText()).toMatch(/Layers|Images/);
      await expect.poll(() => disk.focused()).toMatch(/apt-get install nginx|web:1/);
    });

    it('filters, and remembers where it was', async () => {
      await tab('Layers').click();
      await disk.page.locator('vscode-textfield input').fill('tools copy');
      await expect.poll(() => disk.page.locator('li-table tbody tr[data-row]').count()).toBe(1);
      expect(await text('.found')).toBe('1 of 3 rows');
      await expect.poll(() => disk.stored()).toMatch(/"tab":"layers","filter":"tools copy"/);
      const stored = await disk.stored();
      await disk.open('dark', stored);
      await disk.report(textbookReport());
      await expect.poll(() => text('.found')).toBe('1 of 3 rows');
    });

    it('shows what a container changed', async () => {
      await row('idle').getByRole('button', { name: 'Show changes' }).click();
      expect((await disk.sent('changes')).params).toEqual({ container: 'c-idle' });
      await disk.answer('changes', {
        changes: [
          { path: '/etc/hosts', change: 'changed', type: 'file', bytes: 200, imageBytes: 180 },
          { path: '/var/log', change: 'added', type: 'directory', bytes: 0, imageBytes: null },
          { path: '/bin/vi', change: 'deleted', type: 'file', bytes: 0, imageBytes: 90_000 },
        ],
        ...{ bytes: 200, hiddenBytes: 90_180, message: '' },
      });
      await disk.page.locator('.changes').waitFor();
      expect(await disk.focused()).toMatch(/What idle changed/);
      expect(await text('.changes')).toMatch(
        /1 added, 1 changed,\s+1 deleted[^]*full copy[^]*90\.2 kB of the image are hidden/,
      );
      await disk.picture('changes');
      await disk.page.getByRole('button', { name: 'Close' }).click();
      await expect.poll(() => disk.focused()).toMatch(/idle/);
    });

    it('measures a bind mount when asked, and says when it cannot', async () => {
      await tab('Bind mounts').click();
      expect(await row('/home/user/src').innerText()).toMatch(/measured on request/);
      await row('/home/user/src').getByRole('button').click();
      await disk.answer('bindMount', 123_456);
      await expect.poll(() => row('/home/user/src').innerText()).toMatch(/123 kB/);
      await disk.forget();
      await row('/home/user/src').getByRole('button').click();
      await disk.answer('bindMount', null);
      await expect.poll(() => text('.problem')).toMatch(/cannot be read from here/);
    });

    it('keeps what is marked, out of every selection', async () => {
      await row('idle').getByRole('checkbox').check();
      await row('idle').getByRole('button', { name: 'Keep idle' }).click();
      expect(await disk.sent('keep')).toMatchObject({
        item: { kind: 'container', id: 'c-idle', name: 'idle' },
        isKept: true,
      });
      await disk.state({ kept: ['container:c-idle'] });
      await expect
        .poll(() => row('idle').getByRole('button', { name: 'Keep idle' }).getAttribute('aria-pressed'))
        .toBe('true');
      expect(await row('idle').getByRole('checkbox').isDisabled()).toBe(true);
      await disk.page.getByRole('checkbox', { name: 'Select all' }).check();
      await disk.page.getByText('Plan Removal of 5 Items').click();
      const { params } = await disk.sent('plan');
      const { items } = params;
      if (typeof items === 'string') throw new Error(items);
      expect(items.map(({ name }) => name)).not.toContain('idle');
    });

    it('plans what nothing uses, of one kind or of all, and never volumes', async () => {
      const asked = async (): Promise<unknown> => {
        const { params } = await disk.sent('plan');
        await disk.answer('plan', plan);
        await disk.page.getByText('Back, Remove Nothing').click();
        await disk.forget();
        return params.items;
      };
      await disk.page.getByText('Plan Removal of All Stopped').click();
      expect(await asked()).toBe('stoppedContainers');
      await tab('Images').click();
      await disk.page.getByText('Plan Removal of All Unused').click();
      expect(await asked()).toBe('unusedImages');
      await tab('Build cache').click();
      await disk.page.getByText('Plan Removal of All Unused').click();
      expect(await asked()).toBe('unusedCache');
      await tab('Volumes').click();
      expect(await disk.page.locator('.tools .plan-unused').count()).toBe(0);
      await disk.page.getByText('Plan That').click();
      expect(await asked()).toBe('all');
    });

    it('offers volumes one by one only', async () => {
      await tab('Volumes').click();
      expect(await disk.page.locator('li-table input[type=checkbox]').count()).toBe(0);
      await row('old-data').getByRole('button', { name: 'Plan removal' }).click();
      expect((await disk.sent('plan')).params).toEqual({
        items: [{ kind: 'volume', id: 'old-data', name: 'old-data' }],
      });
    });

    it('plans, asks once with the number, and tells the outcome', async () => {
      await tab('Images').click();
      await row('tools:1').getByRole('checkbox').check();
      await disk.page.getByText('Plan Removal of 1 Item').click();
      await disk.answer('plan', plan);
      await disk.page.locator('.plan').waitFor();
      expect(await disk.focused()).toBe('Plan of a removal');
      const shown = await text('.plan');
      expect(shown).toMatch(
        /42 MB to 46 MB[^]*at least 42,005,000 bytes, at most 46,005,000 bytes[^]*record of the same size/,
      );
      expect(shown).toMatch(/web:1: five containers use it/);
      expect(shown).toMatch(/50 MB: its layer ADD/);
      expect(shown).toMatch(/\/work\/Dockerfile: 1 step would not be in the cache[^]*Line 4[^]*RUN npm ci[^]*61 s/);
      await disk.picture('plan');
      await disk.page.getByText('Copy Commands').click();
      expect((await disk.sent('copy')).text).toBe("docker rm idle\ndocker rmi 'it'\\''s:1'");
      await disk.page.getByText('Line 4').click();
      expect(await disk.sent('open')).toMatchObject({ uri: 'file:///work/Dockerfile', line: 3 });
      await disk.page.getByText('Remove 2 items, 42 MB to 46 MB').click();
      expect((await disk.sent('remove')).params).toEqual({ plan: '7' });
      // a second press while it runs asks nothing more
      await disk.page.getByText('Remove 2 items').click({ force: true });
      expect(await disk.page.evaluate(() => window.sent.filter(({ name }) => name === 'remove').length)).toBe(1);
      await disk.report({ ...textbookReport(), measuredAt: '2026-11-30T01:05:00.000Z' });
      await disk.answer('remove', outcome);
      await expect
        .poll(() => text('.outcome'))
        .toMatch(/Removed 1 item[^]*40,000,000 bytes[^]*40,000,004 bytes[^]*the container is running/);
      await disk.picture('outcome');
    });

    it('says that the engine has changed, and does not measure by itself', async () => {
      await disk.state({ isStale: true });
      await expect.poll(() => text('.stale')).toMatch(/changed since: refresh/);
      expect(await disk.page.evaluate(() => window.sent.some(({ name }) => name === 'measure'))).toBe(false);
    });

    it.each(THEME_NAMES)('can be read in the theme %s', async (theme) => {
      await disk.theme(theme);
      await disk.page.getByText('How this follows').click();
      await tab('Images').click();
      await row('tools:1').getByRole('checkbox').check();
      await disk.picture(theme);
      expect(await lowContrast(disk)).toEqual([]);
    });

    it('can be read with forced colours, and at 200 %', async () => {
      await disk.page.emulateMedia({ forcedColors: 'active' });
      await disk.picture('forced-colors');
      const border = await disk.page
        .locator('li-treemap .cell')
        .first()
        .evaluate((cell) => getComputedStyle(cell).borderTopWidth);
      expect(border).toBe('1px');
      await disk.page.emulateMedia({ forcedColors: 'none' });
      // zoom halves the room
      await disk.page.setViewportSize({ width: 640, height: 450 });
      await disk.picture('zoom-200');
      const wide = await disk.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wide, 'the page scrolls to the side').toBeLessThanOrEqual(0);
    });

    it('moves nothing where that is not wanted', async () => {
      await disk.page.emulateMedia({ reducedMotion: 'reduce' });
      await disk.state({ isMeasuring: true, progress: 'Volumes' });
      await disk.page.locator('vscode-progress-bar').waitFor();
      const running = await disk.page.evaluate(
        () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
      );
      await disk.page.emulateMedia({ reducedMotion: 'no-preference' });
      expect(running).toBe(0);
    });
  });

  it('shows 10,000 layers, 2,000 containers and 500 volumes at once, and stays quick', async () => {
    await disk.page.setViewportSize({ width: 1280, height: 900 });
    await disk.open();
    await disk.state({});
    const work = await Work.start(disk);
    await disk.page.evaluate(
      (report) => {
        Object.assign(window, { large: { kind: 'notification', name: 'report', report, message: '', units: 'si' } });
      },
      largeReport(10_000, 2_000, 500),
    );
    const first = await work.of(() => {
      window.postMessage((window as unknown as { readonly large: unknown }).large, '*');
      // messages arrive in their order
      return new Promise((resolve) => window.addEventListener('message', resolve, { once: true }));
    });
    expect(await text('[role=tab][aria-selected=true]')).toBe('Containers 2,000');
    const layers = await work.of(() => document.querySelector<HTMLElement>('#tab-layers')?.click());
    const sort = await work.of(() => document.querySelector<HTMLElement>('li-table th button')?.click());
    const filter = await work.of(() => {
      const field = document.querySelector<HTMLInputElement>('vscode-textfield');
      if (field === null) return;
      field.value = 'step 77';
      field.dispatchEvent(new InputEvent('input'));
    });
    expect(await text('.found')).toMatch(/^386 of 10,000 rows$/);
    await disk.page.locator('vscode-textfield input').fill('');
    const box = disk.page.locator('li-table .box');
    const scrolls = [];
    for (let step = 0; step < 20; step++) {
      scrolls.push(await work.of(() => document.querySelector('li-table .box')?.scrollBy(0, 11_000)));
    }
    expect(await box.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(200_000);
    const scroll = scrolls.reduce((most, { busy }) => Math.max(most, busy), 0);
    console.log(
      `  10,000 layers, 2,000 containers, 500 volumes, ms: ${JSON.stringify({ first, layers, sort, filter, scroll })}`,
    );
    // time of the processor: what else runs on the machine does not count
    expect(first.busy).toBeLessThan(300);
    for (const one of [layers, sort, filter]) expect(one.busy).toBeLessThan(150);
    // a frame that takes longer would be seen
    expect(scroll).toBeLessThan(50);
    expect(await disk.page.locator('li-table tbody tr[data-row]').count()).toBeLessThan(100);
    expect(await disk.page.locator('li-treemap .cell').count()).toBeLessThan(400);
    await disk.picture('large');
  }, 60_000);
});

/** What the page does, in milliseconds. */
class Work {
  private constructor(
    private readonly disk: DiskPage,
    private readonly session: CDPSession,
  ) {}

  static async start(disk: DiskPage): Promise<Work> {
    const session = await disk.page.context().newCDPSession(disk.page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new Work(disk, session);
  }

  /** Until what something leads to is drawn: by the clock, and what the page's thread was busy for. */
  async of(act: () => unknown): Promise<{ readonly clock: number; readonly busy: number }> {
    const before = await this.busy();
    const clock = await this.disk.page.evaluate(`(async () => {
      const begun = performance.now();
      await (${act.toString()})();
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      return performance.now() - begun;
    })()`);
    return { clock: Math.round(Number(clock)), busy: Math.round((await this.busy()) - before) };
  }

  private async busy(): Promise<number> {
    const { metrics } = await this.session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  }
}

/** Texts whose colour is nearer to their background than WCAG asks for: 4.5 to 1. */
async function lowContrast(disk: DiskPage): Promise<readonly string[]> {
  return disk.page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const over = (layers: readonly string[]): readonly number[] => {
      if (canvas === null) return [];
      canvas.globalCompositeOperation = 'source-over';
      for (const color of layers) {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (color: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = color.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('li-disk-usage *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      if (!own || element.closest('.hidden, [disabled]') !== null || element.offsetWidth === 0) continue;
      const backgrounds: string[] = [];
      for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) {
        backgrounds.unshift(getComputedStyle(at).backgroundColor);
      }
      const behind = over(backgrounds);
      const front = over([...backgrounds, getComputedStyle(element).color]);
      const [dark = 0, light = 0] = [luminance(behind), luminance(front)].sort((a, b) => a - b);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5)
        found.push(`${ratio.toFixed(2)} ${element.className} ${element.textContent.trim().slice(0, 40)}`);
    }
    return [...new Set(found)];
  });
}
