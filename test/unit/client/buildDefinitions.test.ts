import { describe, expect, it } from 'vitest';
import { definitionOf, isSameBuild, wantedBy } from '../../../client/builds/definition';
import { movedLine } from '../../../client/builds/movedLines';
import { badTag, proposedTag, tagsIn } from '../../../client/builds/tags';

describe('definitions of tasks', () => {
  it.each([
    { cache: 'all' },
    { cache: 'none', tags: ['shop:1', 'shop:2'], target: 'test', profile: 'ci', line: 12 },
    { cache: { exceptStage: 'deps' }, tags: [] },
  ] as const)('say all that is wanted: %j', (intent) => {
    expect(wantedBy({ ...definitionOf('build', 'Dockerfile', intent) })).toEqual(intent);
  });

  it('of people may be anything', () => {
    const odd = { noCache: 'deps', tags: 'shop', line: -1, target: 5, profile: '' };
    expect(wantedBy(odd)).toEqual({ cache: { exceptStage: 'deps' }, tags: ['shop'] });
    expect(wantedBy({ noCache: false, tags: [1, 'a'] })).toEqual({ cache: 'all', tags: ['a'] });
  });

  it('are of the same build whatever the order of their parts', () => {
    const one = definitionOf('build', 'Dockerfile', { cache: 'none', target: 'test' });
    expect(isSameBuild({ noCache: true, target: 'test', dockerfile: 'Dockerfile', type: 'build' }, one)).toBe(true);
    expect(isSameBuild({ ...one, dockerfile: 'api/Dockerfile' }, one)).toBe(false);
    expect(isSameBuild({ ...one, target: 'other' }, one)).toBe(false);
  });
});

describe('names of images', () => {
  it.each([
    ['/home/me/Web Shop/Dockerfile', 'web-shop:latest'],
    ['/home/me/shop/Dockerfile.dev', 'shop-dev:latest'],
    ['/home/me/shop/api.Dockerfile', 'shop-api:latest'],
    ['/home/me/__x__/Containerfile', 'x:latest'],
    ['/Dockerfile', 'image:latest'],
  ])('for %s', (path, expected) => {
    expect(proposedTag(path)).toBe(expected);
    expect(badTag([expected])).toBeUndefined();
  });

  it('are separated by blanks or commas, each once', () => {
    expect(tagsIn(' shop:1, shop:2  shop:1 ')).toEqual(['shop:1', 'shop:2']);
    expect(tagsIn('  ')).toEqual([]);
  });

  it.each(['shop', 'shop:1.2_a', 'ghcr.io/me/shop:1', 'localhost:5000/a__b/c-d', 'a.b/c'])('%s is one', (tag) =>
    expect(badTag([tag])).toBeUndefined(),
  );
  it.each(['Shop', 'shop:', '-x', '--rm', 'shop:a b', 'a//b', 'shop@sha256:1', 'a_'])('%s is none', (tag) =>
    expect(badTag(['shop', tag])).toBe(tag),
  );
});

describe('where a line is after a change', () => {
  const change = (start: number, end: number, text: string, character = 1) => ({
    range: { start: { line: start }, end: { line: end, character } },
    text,
  });

  it.each([
    ['a line added above', 5, [change(2, 2, '\n')], 6],
    ['a line added below', 5, [change(7, 7, '\n')], 5],
    ['text in the line', 5, [change(5, 5, 'x')], 5],
    ['a new line in the middle of the line', 5, [change(5, 5, '\n', 4)], 5],
    ['a new line at its beginning', 5, [change(5, 5, '\n', 0)], 6],
    ['two lines removed above', 5, [change(1, 3, '', 0)], 3],
    ['the line joined to the one above', 5, [change(4, 5, '', 0)], 4],
    ['the whole text replaced', 5, [change(0, 9, 'a\nb')], 1],
    ['several changes at once', 5, [change(4, 4, '\n'), change(1, 1, '\n\n')], 8],
  ] as const)('%s', (_, line, changes, expected) => expect(movedLine(line, changes)).toBe(expected));
});
