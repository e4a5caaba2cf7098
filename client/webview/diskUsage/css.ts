import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/**
 * Styles of one element that are computed, through the object model: the security policy of the page allows no style
 * attributes, which lit's own directive writes.
 */
class ComputedStyle extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('computed styles are given to an element');
  }

  render(styles: Readonly<Record<string, string>>): unknown {
    // never asked for: update sets them
    return styles;
  }

  override update(part: ElementPart, [styles]: [Readonly<Record<string, string>>]): unknown {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(styles)) {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return noChange;
  }
}

/** `<div ${css({ width: '10px' })}>` */
export const css = directive(ComputedStyle);
