import { describe, expect, it } from 'vitest';
import { sharedExample } from '../../../client/webview/diskUsage/example';
import { INITIAL, readState } from '../../../client/webview/diskUsage/pageState';
import { freedText } from '../../../client/webview/diskUsage/planView';
import { commandText } from '../../../core/model';

import { arranged } from '../../../client/webview/diskUsage/sorting';
import { itemsOf, tableOf, TABS, type TabName } from '../../../client/webview/diskUsage/tables';
import { scrollTopFor, windowOf } from '../../../client/webview/diskUsage/windowing';
import { bytesText, shareText, timeText } from '../../../client/webview/diskUsage/words';
import { isPageMessage, isPanelMessage } from '../../../client/webview/protocol';
import { textbookReport } from '../support/diskReport';

const table = (name: TabName) => tableOf(name, textbookReport(), 'si');
const names = (name: TabName, filter: string, column: number, isDescending: boolean) =>
  arranged(table(name).rows, filter, { column, isDescending }).map((row) => row.name);

describe('rows', () => {
  it('are sorted by value, not by text, and those without a value come last either way', () => {
    expect(names('containers', '', 3, true)).toEqual(['idle', 'five', 'four', 'three', 'two', 'one']);
    expect(names('volumes', '', 1, true)).toEqual(['data', 'old-data', 'remote']);
    expect(names('volumes', '', 1, false)).toEqual(['old-data', 'data', 'remote']);
    expect(names('images', '', 0, false)[0]).toMatch(/^<none>/);
  });

  it('are found by every word of a filter, whatever the case', () => {
    expect(names('containers', 'WEB running fi', 0, false)).toEqual(['five']);
    expect(names('containers', 'nothing', 0, false)).toEqual([]);
  });

  it('leave the order that they came in as it is', () => {
    const { rows } = table('containers');
    const before = rows.map(({ key }) => key);
    arranged(rows, '', { column: 3, isDescending: true });
    expect(rows.map(({ key }) => key)).toEqual(before);
  });

  it('never say 0 for what is not known', () => {
    const unknown = Object.keys(TABS).flatMap((name) => {
      const { columns, rows } = table(name as TabName);
      return rows.flatMap((row) =>
        columns.flatMap((_, column) => (row.value(column) === null ? [row.text(column)] : [])),
      );
    });
    expect(new Set(unknown)).toEqual(new Set(['not measured', 'measured on request', '']));
    expect(bytesText(null, 'si')).toBe('not measured');
  });

  it('can be selected together where nothing is lost for good', () => {
    const bulk = Object.keys(TABS).filter((name) => table(name as TabName).isBulk);
    expect(bulk).toEqual(['containers', 'images', 'buildCache']);
    expect(table('volumes').action?.name).toBe('remove');
    expect([...table('layers').rows, ...table('bindMounts').rows].filter(({ item }) => item !== undefined)).toEqual([]);
  });

  it('have the keys of what can be removed', () => {
    const keys = (['containers', 'images', 'volumes', 'buildCache'] as const).flatMap((name) =>
      table(name).rows.map(({ key }) => key),
    );
    expect([...itemsOf(textbookReport()).keys()].sort()).toEqual(keys.sort());
    expect(keys).toContain('build-cache:rec1');
  });
});

describe('the window of rows', () => {
  it('has those that are seen, some more, and as much room as all', () => {
    expect(windowOf(10_000, 26, 26_000, 520)).toEqual({ first: 992, end: 1028, above: 992 * 26, below: 8972 * 26 });
    expect(windowOf(5, 26, 0, 520)).toEqual({ first: 0, end: 5, above: 0, below: 0 });
    expect(windowOf(0, 26, 900, 520)).toEqual({ first: 0, end: 0, above: 0, below: 0 });
    // what was filtered away below leaves the scroll too far down for a moment
    const { first, end } = windowOf(10, 26, 50_000, 520);
    expect([first, end]).toEqual([9, 10]);
  });

  it('moves no more than it has to', () => {
    expect(scrollTopFor(10, 20, 0, 100)).toBe(120);
    expect(scrollTopFor(3, 20, 100, 100)).toBe(60);
    expect(scrollTopFor(6, 20, 100, 100)).toBe(100);
  });
});

describe('words', () => {
  it('tell shares and times', () => {
    expect([shareText(1, 1000), shareText(1, 3), shareText(1, 0)]).toEqual(['< 1 %', '33 %', '']);
    expect([timeText(''), timeText('nonsense')]).toEqual(['', '']);
    expect(timeText('2026-01-02T03:04:05Z')).toMatch(/2026/);
  });

  it('tell what comes free as one number only where it is one', () => {
    const plan = { items: [], refused: [], uncertainty: '', stays: [], commands: [] };
    expect(freedText({ ...plan, freesAtLeast: 1000, freesAtMost: 1000 }, 'si')).toBe('1 kB');
    expect(freedText({ ...plan, freesAtLeast: 1000, freesAtMost: 2000 }, 'si')).toBe('1 kB to 2 kB');
  });

  it('quote what a shell would take apart', () => {
    expect(commandText(['docker', 'rm', 'a b', "it's", '$HOME', 'sha256:ab'])).toBe(
      String.raw`docker rm 'a b' 'it'\''s' '$HOME' sha256:ab`,
    );
  });
});

it('the example is the image with the most containers, and none where no two share one', () => {
  const report = textbookReport();
  expect(sharedExample(report)).toEqual({
    ...{ image: 'web:1', containers: 5, virtualBytes: 950_150_000, ownBytes: 150_000, imageBytes: 190_000_000 },
  });
  expect(sharedExample({ ...report, containers: report.containers.slice(4) })).toBeUndefined();
});

describe('what was put away', () => {
  it('comes back', () => {
    const state = { ...INITIAL, tab: 'volumes' as const, filter: 'x', selected: ['image:1'], isDerivationOpen: true };
    expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it.each([undefined, null, 3, { tab: 'other', filter: 3, sorting: { images: 'no' }, selected: 'all' }])(
    'and is nothing we know begins anew: %j',
    (value) => expect(readState(value)).toEqual(INITIAL),
  );
});

describe('messages', () => {
  const item = { kind: 'image', id: '1', name: 'x' };

  it.each([
    { kind: 'command', name: 'ready' },
    { kind: 'command', name: 'copy', text: 'x' },
    { kind: 'command', name: 'keep', item, isKept: true },
    { kind: 'request', id: 1, name: 'plan', params: { items: [item] } },
    { kind: 'request', id: 2, name: 'remove', params: { plan: '1' } },
  ])('of a page are known: %j', (message) => expect(isPageMessage(message)).toBe(true));

  it.each([
    undefined,
    'ready',
    { kind: 'command', name: 'prune' },
    { kind: 'command', name: 'keep', item: { ...item, kind: 'everything' }, isKept: true },
    { kind: 'command', name: 'open', uri: 'file:///x' },
    { kind: 'request', name: 'plan', params: { items: [item] } },
    { kind: 'request', id: 1, name: 'plan', params: { items: [{}] } },
    { kind: 'request', id: 1, name: 'remove', params: { items: [item] } },
    { kind: 'notification', name: 'report' },
  ])('are refused otherwise: %j', (message) => expect(isPageMessage(message)).toBe(false));

  it('of a panel are answers and news', () => {
    expect(isPanelMessage({ kind: 'response', id: 1, result: null })).toBe(true);
    expect(isPanelMessage({ kind: 'notification', name: 'state' })).toBe(true);
    expect(isPanelMessage({ kind: 'notification', name: 'other' })).toBe(false);
    expect(isPanelMessage({ kind: 'command', name: 'ready' })).toBe(false);
  });
});
