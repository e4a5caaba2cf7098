import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ByteUnits, DiskReport } from '../../../core/model';
import { css } from './css';
import { PlainElement } from './element';
import { areasOf, placed, type Area, type PlacedArea } from './treemapModel';
import { bytesText, exactBytes, shareText } from './words';

/** Cells smaller than this have no text on them; narrow ones have their size alone. */
const TEXT_FROM = { width: 64, height: 16 };
const NAME_FROM = 104;

/** Where the bytes are, as areas. What can be seen here is in the tables, too. */
export class DiskTreemap extends PlainElement {
  static override properties: PropertyDeclarations = {
    report: { attribute: false },
    units: {},
  };

  declare report: DiskReport | undefined;
  declare units: ByteUnits;
  private areas: readonly Area[] = [];
  private cells: readonly PlacedArea[] = [];
  private size = { width: 0, height: 0 };
  private focused = '';
  private readonly resized = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    if (Math.round(width) === this.size.width && Math.round(height) === this.size.height) return;
    this.size = { width: Math.round(width), height: Math.round(height) };
    this.lay();
    this.requestUpdate();
  });

  constructor() {
    super();
    this.units = 'si';
    this.addEventListener('keydown', (event) => this.pressed(event));
  }

  override disconnectedCallback(): void {
    this.resized.disconnect();
    super.disconnectedCallback();
  }

  protected override firstUpdated(): void {
    const map = this.querySelector('.map');
    if (map !== null) this.resized.observe(map);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('report')) return;
    this.areas = this.report === undefined ? [] : areasOf(this.report);
    this.lay();
  }

  protected override render(): TemplateResult {
    const whole = this.report?.totals.bytes ?? 0;
    const stop = this.cells.some(({ area }) => area.key === this.focused) ? this.focused : this.cells[0]?.area.key;
    return html`<div class="map" role="group" aria-label="Treemap of all bytes; the tables have the same">
      ${repeat(
        this.cells,
        ({ area }) => area.key,
        (cell) => this.cell(cell, whole, cell.area.key === stop),
      )}
    </div>`;
  }

  private cell({ area, depth, isLeaf, left, top, width, height }: PlacedArea, whole: number, isStop: boolean) {
    const { units } = this;
    const size = bytesText(area.bytes, units);
    const kind = isLeaf ? '' : ', group';
    const label = `${area.label}, ${size}, ${shareText(area.bytes, whole)}${kind}`;
    const place = { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
    const hasText = width >= TEXT_FROM.width && height >= TEXT_FROM.height;
    return html`<button
      class="cell ${area.part} ${isLeaf ? 'leaf' : 'group'} depth-${depth}"
      data-key=${area.key}
      tabindex=${isStop ? '0' : '-1'}
      aria-label=${label}
      title="${area.label}
${exactBytes(area.bytes)}, ${shareText(area.bytes, whole)}"
      @focus=${() => this.focusedOn(area.key)}
      @click=${() => this.chosen(area)}
      ${css(place)}
    >
      ${
        hasText
          ? html`${width >= NAME_FROM ? html`<span class="name">${area.label}</span> ` : nothing}<span class="size"
                >${size}</span
              >`
          : nothing
      }
    </button>`;
  }

  private lay(): void {
    this.cells = placed(this.areas, this.size.width, this.size.height);
  }

  private focusedOn(key: string): void {
    if (this.focused === key) return;
    this.focused = key;
    this.requestUpdate();
  }

  private chosen({ row }: Area): void {
    if (row !== undefined) this.tell('show-row', row);
  }

  /** In the order of the document: a group, then what is in it, the largest first. */
  private pressed(event: KeyboardEvent): void {
    const at = this.cells.findIndex(({ area }) => area.key === this.focused);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1 },
      ...{ Home: 0, End: this.cells.length - 1 },
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const cell = this.cells[Math.max(0, Math.min(this.cells.length - 1, next))];
    const key = cell === undefined ? '' : CSS.escape(cell.area.key);
    this.querySelector<HTMLElement>(`[data-key="${key}"]`)?.focus();
  }
}
