import { describe, expect, it } from 'vitest';
import { manifest } from './manifest';

/** Backgrounds of the side bar in the editor's own themes. */
const BACKGROUNDS = { dark: '#252526', light: '#F3F3F3', highContrast: '#000000', highContrastLight: '#FFFFFF' };

/** WCAG 2: relative luminance. */
function luminance(color: string): number {
  const linear = (from: number): number => {
    const value = parseInt(color.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('theme colours', () => {
  it.each(manifest.contributes.colors)('$id can be told from the background in every kind of theme', ({ defaults }) => {
    expect(Object.keys(defaults)).toEqual(Object.keys(BACKGROUNDS));
    for (const [kind, background] of Object.entries(BACKGROUNDS)) {
      const color = defaults[kind] ?? '';
      expect(color).toMatch(/^#[0-9A-F]{6}$/);
      expect(contrast(color, background), kind).toBeGreaterThanOrEqual(4.5);
    }
  });
});
