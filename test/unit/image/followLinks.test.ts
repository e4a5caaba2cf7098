import { describe, expect, it } from 'vitest';
import { LayerView } from '../../../core/image/layerView';
import { layer } from '../support/layers';

/** The view after the last of some layers. */
function viewOf(...layers: readonly (readonly string[])[]): LayerView {
  return new LayerView(
    layers.map((lines) => layer(...lines)),
    layers.length - 1,
  );
}

const told = (view: LayerView, path: string): string => {
  const followed = view.follow(path);
  if (followed.kind === 'found') return `/${followed.path}`;
  return followed.kind === 'loop' ? `loop at ${followed.link}` : 'nothing';
};

describe('symbolic links within an image', () => {
  const view = viewOf([
    ...['usr/', 'usr/lib/', 'usr/lib/a 3', 'lib >usr/lib', 'usr/up >../usr/lib/a', 'out >../../../../usr/lib/a'],
    ...['whole >/lib/a', 'gone >nowhere/a', 'x >y', 'y >x', 'self >self/deeper', 'root >/'],
  ]);

  it.each([
    ['usr/lib/a', '/usr/lib/a'],
    ['lib/a', '/usr/lib/a'],
    ['lib', '/usr/lib'],
    ['usr/up', '/usr/lib/a'],
    ['whole', '/usr/lib/a'],
    ['root/lib/a', '/usr/lib/a'],
    ['root', '/'],
    ['lib/../lib/a', '/usr/lib/a'],
    ['', '/'],
  ])('lead from %s to %s', (path, to) => {
    expect(told(view, path)).toBe(to);
  });

  it('never lead out of the root', () => {
    expect(told(view, 'out')).toBe('/usr/lib/a');
    expect(told(view, '../../usr')).toBe('/usr');
  });

  it('lead to nothing, or in a circle, whose link is named', () => {
    expect(told(view, 'gone')).toBe('nothing');
    expect(told(view, 'usr/lib/a/b')).toBe('nothing');
    expect(told(view, 'x')).toMatch(/^loop at [xy]$/);
    expect(told(view, 'y/z')).toMatch(/^loop at [xy]$/);
    expect(told(view, 'self')).toBe('loop at self');
  });

  it('are followed forty times and not more', () => {
    const chain = (count: number) =>
      viewOf(['end 1', ...Array.from({ length: count }, (_, at) => `l${at} >${at === 0 ? 'end' : `l${at - 1}`}`)]);
    expect(told(chain(40), 'l39')).toBe('/end');
    expect(told(chain(41), 'l40')).toBe('loop at l0');
  });
});

describe('hard links', () => {
  it('have the content that they were made with, whatever becomes of the other name', () => {
    const view = viewOf(['a 3', 'b =a'], ['a 5', 'c =a', 'd >b']);
    expect(view.content('b')).toEqual({ layer: 0, index: 0 });
    expect(view.content('c')).toEqual({ layer: 1, index: 0 });
    expect(view.content('d')).toEqual({ layer: 0, index: 0 });
    expect(viewOf(['a 3', 'b =a'], ['.wh.a']).content('b')).toEqual({ layer: 0, index: 0 });
  });

  it('of symbolic links are links', () => {
    const view = viewOf(['a 3', 's >a', 'h =s']);
    expect(told(view, 'h')).toBe('/a');
    expect(view.content('h')).toEqual({ layer: 0, index: 0 });
  });

  it('of what has no content have none', () => {
    const view = viewOf(['f/', 'h =gone']);
    expect(view.content('h')).toBeUndefined();
    expect(view.content('f')).toBeUndefined();
    expect(view.content('nothing')).toBeUndefined();
  });
});
