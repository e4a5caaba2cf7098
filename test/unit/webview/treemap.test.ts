import { describe, expect, it } from 'vitest';
import { areasOf, grouped, placed, type Area, type Seed } from '../../../client/webview/diskUsage/treemapModel';
import { largeReport, textbookReport } from '../support/diskReport';

const area = (label: string, bytes: number): Seed => ({
  bytes,
  area: () => ({ key: label, label, bytes, part: 'volumes' }),
});
const leaves = (areas: readonly Area[]): readonly Area[] =>
  areas.flatMap((one) => (one.children === undefined ? [one] : leaves(one.children)));
const sum = (areas: readonly Area[]) => areas.reduce((all, { bytes }) => all + bytes, 0);

describe('areas', () => {
  it('have every byte of the total once', () => {
    for (const report of [textbookReport(), largeReport(500, 300, 100)]) {
      expect(sum(areasOf(report))).toBe(report.totals.bytes);
      expect(sum(leaves(areasOf(report)))).toBe(report.totals.bytes);
    }
  });

  it('put layers below their image, and those of several images in a group of their own', () => {
    const [layers] = areasOf(textbookReport());
    expect(layers?.children?.map(({ label, bytes }) => `${label} ${bytes}`)).toEqual([
      ...['web:1 140000000', 'Shared by images 50000000', 'tools:1 40000000'],
    ]);
    expect(layers?.children?.[1]?.children?.map(({ label }) => label)).toEqual(['ADD rootfs.tar.gz /']);
  });

  it('do not count a shared cache record again', () => {
    const cache = areasOf(textbookReport()).find(({ part }) => part === 'build-cache');
    expect(cache?.children?.map(({ label }) => label)).toEqual(['[build 2/4] RUN npm ci', 'cached mount /root/.npm']);
  });

  it('say what of a part is not told apart', () => {
    const report = textbookReport();
    const parts = report.totals.parts.map((part) => (part.kind === 'volumes' ? { ...part, bytes: 75_000_000 } : part));
    const volumes = areasOf({ ...report, totals: { ...report.totals, parts } }).find(({ part }) => part === 'volumes');
    expect(volumes?.children?.map(({ label, bytes }) => `${label} ${bytes}`)).toEqual([
      ...['data 60000000', 'old-data 10000000', 'Not told apart 5000000'],
    ]);
  });

  it('of what the engine keeps for itself are one group', () => {
    const report = textbookReport();
    const own = ['buildkit', 'image', 'network'].map((label) => ({
      ...{ kind: 'housekeeping' as const, label, bytes: 1_000_000, basis: 'exact' as const, reclaimableBytes: 0 },
    }));
    const parts = [...report.totals.parts, ...own];
    const bytes = report.totals.bytes + 3_000_000;
    const areas = areasOf({ ...report, totals: { ...report.totals, bytes, parts } });
    expect(sum(areas)).toBe(bytes);
    expect(areas.at(-1)).toMatchObject({ label: 'The engine’s own', bytes: 3_000_000 });
    expect(new Set(leaves(areas).map(({ key }) => key)).size).toBe(leaves(areas).length);
  });

  it('that are small become one', () => {
    const many = [area('large', 10_000), ...Array.from({ length: 30 }, (_, index) => area(`small ${index}`, 1))];
    const [large, others, ...more] = grouped(many, 'volumes', 'volumes', 10_030);
    expect([large?.label, others?.label, others?.bytes, more]).toEqual(['large', '30 others', 30, []]);
    // one is not others
    expect(grouped(many.slice(0, 2), 'volumes', 'volumes', 10_001).map(({ label }) => label)).toEqual([
      'large',
      'small 0',
    ]);
    expect(grouped([area('nothing', 0)], 'volumes', 'volumes', 1)).toEqual([]);
  });

  it('of a large engine are few', () => {
    const areas = areasOf(largeReport(10_000, 2_000, 500));
    expect(placed(areas, 700, 250).length).toBeLessThan(400);
    const named = leaves(areas).filter(({ label }) => !label.endsWith('others'));
    expect(named.length).toBeGreaterThanOrEqual(40);
  });
});

describe('places', () => {
  const boxes = placed(areasOf(textbookReport()), 800, 400);

  it('lie in the box, and in what they belong to', () => {
    for (const { left, top, width, height } of boxes) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(800);
      expect(top + height).toBeLessThanOrEqual(400);
    }
    const groups = boxes.filter(({ isLeaf, depth }) => !isLeaf && depth === 1);
    for (const group of groups) {
      const inside = boxes.filter(({ area: { part }, depth }) => depth > 1 && part === group.area.part);
      expect(inside.length).toBeGreaterThan(0);
      for (const { left, top } of inside) {
        expect(left).toBeGreaterThanOrEqual(group.left);
        // the name of the group has its room
        expect(top).toBeGreaterThanOrEqual(group.top + 18);
      }
    }
  });

  it('are as large as their bytes', () => {
    const size = (key: string) =>
      boxes.filter(({ area: one }) => one.key === key).map((box) => box.width * box.height)[0] ?? 0;
    expect(size('layers') / size('volumes')).toBeGreaterThan(2);
  });

  it('are none without room', () => {
    expect(placed(areasOf(textbookReport()), 0, 400)).toEqual([]);
  });
});
