import { describe, expect, it } from 'vitest';
import { renderChanges, renderDisk } from '../../../core/disk/diskText';
import { makeReport } from '../../../core/disk/report';
import { containerOf, factsOf, imageOf, recordOf, volumeOf } from './facts';

const facts = factsOf({
  images: [
    imageOf('app', [
      ['base', 2_000_000],
      ['a', 10],
    ]),
    imageOf('step', [['base', 2_000_000]], { names: [] }),
  ],
  containers: [
    containerOf('web', 'app', 1500, {
      virtualBytes: 2_001_510,
      mounts: [{ kind: 'bind', source: '/mine', destination: '/m', isReadOnly: false }],
    }),
    containerOf('web2', 'app', null, { state: 'exited' }),
  ],
  volumes: [volumeOf('data', null)],
  cache: [recordOf('r', 3_000_000, { description: 'RUN evil \u001b[31m red' })],
});
const notMeasured = [{ what: 'Logs of container web', why: 'Nobody may read them.', remedy: 'Ask root.' }];
const report = makeReport({ facts, root: undefined, notMeasured, measuredAt: '', tookMs: 0 });

describe('the tables of disk usage', () => {
  const text = renderDisk(report, 100);

  it('have the total to the byte, and what could not be measured with its reason', () => {
    expect(text).toContain(`(${report.totals.bytes} bytes)`);
    expect(text).toContain('! Logs of container web: Nobody may read them. Ask root.');
    expect(text).toMatch(/SIZE of 2 containers of app:1/);
  });

  it('have a question mark, not 0, for what is not known', () => {
    expect(text).toMatch(/web2 +\? +\? +\? +exited/);
    expect(text).toMatch(/\? +- +data/);
  });

  it('are no wider than the terminal, and send it nothing but text', () => {
    for (const width of [40, 80]) {
      const rows = renderDisk(report, width)
        .split('\n')
        .filter((line) => line.startsWith('  '));
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(width);
    }
    expect(text).not.toContain('\u001b');
  });

  it('show changes with both sizes of a changed file', () => {
    const changes = [
      { path: '/a', change: 'changed', type: 'file', bytes: 12, imageBytes: 10 },
      { path: '/d', change: 'changed', type: 'directory', bytes: 0, imageBytes: null },
      { path: '/x', change: 'deleted', type: 'file', bytes: 0, imageBytes: null },
    ] as const;
    const shown = renderChanges('web', { changes, bytes: 12, hiddenBytes: null, message: 'Not all is known.' }, 80);
    expect(shown).toMatch(/web: 0 added, 2 changed, 1 deleted; 12 B written, \? of the image hidden/);
    expect(shown).toMatch(/C +12 B +10 B +\/a/);
    expect(shown).toMatch(/D +0 B +\? +\/x/);
    expect(shown).toContain('/d/');
    expect(shown).toContain('! Not all is known.');
  });
});
