import { LitElement, type PropertyDeclarations } from 'lit';

/**
 * An element that renders into the document itself: ids that labels and tabs refer to hold across elements, and one
 * sheet of styles and icons is enough.
 */
export abstract class PlainElement extends LitElement {
  static override properties: PropertyDeclarations = {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  /** Tells whoever listens above. */
  protected tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}
