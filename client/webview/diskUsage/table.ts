import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { css } from './css';
import { PlainElement } from './element';
import type { Column, Row, RowAction, Table } from './rows';
import type { Sorting } from './sorting';
import { scrollTopFor, windowOf } from './windowing';

/** Until a row was drawn and could be measured. */
const FIRST_GUESS = { row: 26, box: 400 };
/** Widths in em: what a column of width 1 needs for its title and a number, and what all widgets need. */
const UNIT_WIDTH = 6.9;
const WIDGET_WIDTH = 16.5;
/** Rows that Page Up and Page Down go. */
const PAGE = 15;

/** Somebody wants something of a row. */
export interface RowEvent {
  readonly row: Row;
  readonly action: RowAction;
}

/** What a column of widgets holds, beside those with values. */
type Widget = 'select' | 'keep' | 'action';

/** The cell that the keyboard is on; row -1: the titles. */
interface Place {
  readonly row: number;
  readonly column: number;
}

/**
 * A grid that has only those rows in the document that are seen. One stop of the Tab key; arrow keys go from cell to
 * cell, titles included.
 */
export class DiskTable extends PlainElement {
  static override properties: PropertyDeclarations = {
    label: {},
    table: { attribute: false },
    rows: { attribute: false },
    sorting: { attribute: false },
    selected: { attribute: false },
    kept: { attribute: false },
    busy: { attribute: false },
  };

  declare label: string;
  declare table: Table | undefined;
  /** Those of the table that are shown, in their order. */
  declare rows: readonly Row[];
  declare sorting: Sorting;
  declare selected: ReadonlySet<string>;
  declare kept: ReadonlySet<string>;
  /** The row whose action is under way. */
  declare busy: string;
  private place: Place = { row: 0, column: 0 };
  private height = FIRST_GUESS;
  private hasFocus = false;
  private readonly resized = new ResizeObserver(() => this.measure());

  constructor() {
    super();
    this.label = '';
    this.rows = [];
    this.sorting = { column: 0, isDescending: false };
    this.selected = new Set();
    this.kept = new Set();
    this.busy = '';
    this.addEventListener('keydown', (event) => this.pressed(event));
    this.addEventListener('focusin', ({ target }) => this.focusedOn(target));
    this.addEventListener('focusout', ({ relatedTarget }) => {
      this.hasFocus = relatedTarget instanceof Node && this.contains(relatedTarget);
    });
  }

  /** Puts the keyboard on a row and shows it. */
  async show(key: string): Promise<void> {
    const row = this.rows.findIndex((one) => one.key === key);
    await this.goTo({ row: Math.max(0, row), column: this.widgets.includes('select') ? 1 : 0 });
  }

  override disconnectedCallback(): void {
    this.resized.disconnect();
    super.disconnectedCallback();
  }

  protected override firstUpdated(): void {
    const box = this.box;
    if (box !== undefined) this.resized.observe(box);
    this.measure();
  }

  protected override updated(): void {
    // the row that had the focus was scrolled out of the document: the keys have to arrive somewhere
    if (this.hasFocus && !this.contains(document.activeElement)) this.box?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult {
    const { table, rows, label } = this;
    if (table === undefined) return html``;
    const { columns } = this;
    const { first, end, above, below } = windowOf(
      rows.length,
      this.height.row,
      this.box?.scrollTop ?? 0,
      this.height.box,
    );
    const last = rows.length - 1;
    const at = { row: Math.min(this.place.row, last), column: Math.min(this.place.column, columns - 1) };
    // the stop of the Tab key has to be in the document
    const stop = at.row >= 0 && (at.row < first || at.row >= end) ? { ...at, row: first } : at;
    const widths = table.columns.reduce((sum, { width }) => sum + width, 0);
    const widgets = this.widgets;
    return html`<div class="box" tabindex="-1" @scroll=${() => this.requestUpdate()}>
      <table
        role="grid"
        aria-label=${label}
        aria-rowcount=${rows.length + 1}
        aria-colcount=${columns}
        aria-multiselectable=${table.isBulk}
        ${css({ 'min-width': `${widths * UNIT_WIDTH + WIDGET_WIDTH}em` })}
      >
        <colgroup>
          ${widgets.includes('select') ? html`<col class="select" />` : nothing}
          ${table.columns.map(({ width }) => html`<col ${css({ width: `${(100 * width) / widths}%` })} />`)}
          ${widgets.includes('keep') ? html`<col class="keep" />` : nothing}
          ${table.action === undefined ? nothing : html`<col class="action" />`}
        </colgroup>
        <thead>
          <tr role="row" aria-rowindex="1">
            ${this.titles(table, stop.row === -1 || last < 0 ? Math.max(0, stop.column) : -1)}
          </tr>
        </thead>
        <tbody>
          <tr class="gap" aria-hidden="true" ${css({ height: `${above}px` })}></tr>
          ${repeat(
            rows.slice(first, end),
            ({ key }) => key,
            (row, offset) => this.row(table, row, first + offset, first + offset === stop.row ? stop.column : -1),
          )}
          <tr class="gap" aria-hidden="true" ${css({ height: `${below}px` })}></tr>
        </tbody>
      </table>
      ${last < 0 ? html`<p class="empty">Nothing here.</p>` : nothing}
    </div>`;
  }

  private get box(): HTMLElement | undefined {
    return this.querySelector<HTMLElement>('.box') ?? undefined;
  }

  private get widgets(): readonly Widget[] {
    const { table } = this;
    if (table === undefined) return [];
    const canKeep = table.rows.some(({ item }) => item !== undefined);
    return [
      ...(table.isBulk ? (['select'] as const) : []),
      ...(canKeep ? (['keep'] as const) : []),
      ...(table.action === undefined ? [] : (['action'] as const)),
    ];
  }

  private get columns(): number {
    return this.widgets.length + (this.table?.columns.length ?? 0);
  }

  private titles(table: Table, stop: number): TemplateResult[] {
    const before = table.isBulk ? 1 : 0;
    const tabindex = (index: number): string => (index === stop ? '0' : '-1');
    const isAll = this.rows.length > 0 && this.rows.every(({ key }) => this.selected.has(key) || this.kept.has(key));
    const select = html`<th scope="col" role="columnheader" data-column="0">
      <input
        type="checkbox"
        aria-label="Select all that are shown"
        tabindex=${tabindex(0)}
        .checked=${isAll && this.selected.size > 0}
        @change=${() => this.tell('select-all', !isAll)}
      />
    </th>`;
    const widget = (title: string, index: number): TemplateResult =>
      html`<th
        scope="col"
        role="columnheader"
        class=${title === '' ? 'action' : ''}
        data-column=${index}
        tabindex=${tabindex(index)}
      >
        ${title}
      </th>`;
    const after = before + table.columns.length;
    const canKeep = this.widgets.includes('keep');
    return [
      ...(table.isBulk ? [select] : []),
      ...table.columns.map((column, index) => this.titleCell(column, index, index + before, tabindex(index + before))),
      ...(canKeep ? [widget('Keep', after)] : []),
      ...(table.action === undefined ? [] : [widget('', after + (canKeep ? 1 : 0))]),
    ];
  }

  private titleCell(column: Column, index: number, at: number, tabindex: string): TemplateResult {
    const { sorting } = this;
    const isSorted = sorting.column === index;
    const order = !isSorted ? 'none' : sorting.isDescending ? 'descending' : 'ascending';
    const icon = sorting.isDescending ? 'codicon-arrow-down' : 'codicon-arrow-up';
    return html`<th
      scope="col"
      role="columnheader"
      aria-sort=${order}
      class=${column.isNumber ? 'number' : ''}
      data-column=${at}
      title=${column.hint ?? column.title}
    >
      <button class="title" tabindex=${tabindex} @click=${() => this.tell('sort', index)}>
        ${column.title}${isSorted ? html`<span class="codicon ${icon}" aria-hidden="true"></span>` : nothing}
      </button>
    </th>`;
  }

  private row(table: Table, row: Row, index: number, stop: number): TemplateResult {
    const isSelected = this.selected.has(row.key);
    const isKept = this.kept.has(row.key);
    const before = table.isBulk ? 1 : 0;
    const after = before + table.columns.length;
    const tabindex = (column: number): string => (column === stop ? '0' : '-1');
    const canKeep = this.widgets.includes('keep');
    return html`<tr
      role="row"
      aria-rowindex=${index + 2}
      aria-selected=${table.isBulk ? String(isSelected) : nothing}
      data-row=${index}
      class=${isSelected ? 'selected' : ''}
    >
      ${
        table.isBulk
          ? html`<td role="gridcell" data-column="0">
              <input
                type="checkbox"
                aria-label="Select ${row.name}"
                tabindex=${tabindex(0)}
                .checked=${isSelected}
                ?disabled=${isKept}
                @change=${() => this.tell('select-row', row.key)}
              />
            </td>`
          : nothing
      }
      ${table.columns.map((column, at) => valueCell(column, row, at, at + before, tabindex(at + before)))}
      ${
        canKeep
          ? html`<td role="gridcell" data-column=${after}>
              <button
                class="icon"
                aria-label="Keep ${row.name}"
                aria-pressed=${String(isKept)}
                title=${isKept ? 'Kept: no plan removes it' : 'Keep: no plan will remove it'}
                tabindex=${tabindex(after)}
                @click=${() => this.tell('keep-row', row.key)}
              >
                <span class="codicon ${isKept ? 'codicon-pinned' : 'codicon-pin'}" aria-hidden="true"></span>
              </button>
            </td>`
          : nothing
      }
      ${
        table.action === undefined
          ? nothing
          : html`<td role="gridcell" class="action" data-column=${after + (canKeep ? 1 : 0)}>
              ${this.actionButton(table.action, row, tabindex(after + (canKeep ? 1 : 0)))}
            </td>`
      }
    </tr>`;
  }

  private actionButton({ name, title }: NonNullable<Table['action']>, row: Row, tabindex: string): TemplateResult {
    const isBusy = this.busy === row.key;
    return html`<button
      class="link"
      aria-label="${title} of ${row.name}"
      tabindex=${tabindex}
      ?disabled=${isBusy}
      @click=${() => this.tell('row-action', { row, action: name } satisfies RowEvent)}
    >
      ${isBusy ? 'Asking…' : title}
    </button>`;
  }

  private measure(): void {
    const { box } = this;
    const row = this.querySelector<HTMLElement>('tbody tr[data-row]');
    if (box === undefined) return;
    const height = { row: row?.offsetHeight || this.height.row, box: box.clientHeight || FIRST_GUESS.box };
    if (height.row === this.height.row && height.box === this.height.box) return;
    this.height = height;
    this.requestUpdate();
  }

  private focusedOn(target: EventTarget | null): void {
    this.hasFocus = true;
    const cell = target instanceof HTMLElement ? target.closest<HTMLElement>('[data-column]') : null;
    if (cell === null) return;
    const row = Number(cell.parentElement?.dataset['row'] ?? -1);
    const column = Number(cell.dataset['column']);
    if (row === this.place.row && column === this.place.column) return;
    this.place = { row, column };
    this.requestUpdate();
  }

  private pressed(event: KeyboardEvent): void {
    const next = this.placeAfter(event);
    if (next === undefined) return;
    event.preventDefault();
    void this.goTo(next);
  }

  /** Where a key leads; undefined: it is not about places. */
  private placeAfter({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): Place | undefined {
    const { row, column } = this.place;
    const [last, right] = [this.rows.length - 1, this.columns - 1];
    if (altKey || metaKey) return undefined;
    switch (key) {
      case 'ArrowDown':
        return { row: Math.min(last, row + 1), column };
      case 'ArrowUp':
        return { row: Math.max(-1, row - 1), column };
      case 'ArrowRight':
        return { row, column: Math.min(right, column + 1) };
      case 'ArrowLeft':
        return { row, column: Math.max(0, column - 1) };
      case 'PageDown':
        return { row: Math.min(last, row + PAGE), column };
      case 'PageUp':
        return { row: Math.max(0, row - PAGE), column };
      case 'Home':
        return { row: ctrlKey ? 0 : row, column: 0 };
      case 'End':
        return { row: ctrlKey ? last : row, column: right };
      default:
        return undefined;
    }
  }

  private async goTo(place: Place): Promise<void> {
    this.place = place;
    const { box, height } = this;
    if (box !== undefined && place.row >= 0) {
      const head = this.querySelector('thead')?.offsetHeight ?? 0;
      box.scrollTop = scrollTopFor(place.row, height.row, box.scrollTop, height.box - head);
    }
    this.requestUpdate();
    await this.updateComplete;
    const line = place.row < 0 ? 'thead tr' : `tbody tr[data-row="${place.row}"]`;
    const cell = this.querySelector<HTMLElement>(`${line} [data-column="${place.column}"]`);
    const widget = cell?.querySelector<HTMLElement>('button:not(:disabled), input:not(:disabled)');
    (widget ?? cell)?.focus({ preventScroll: true });
  }
}

function valueCell({ isNumber }: Column, row: Row, column: number, at: number, tabindex: string): TemplateResult {
  const [shown, more] = [row.text(column), row.more(column)];
  const classes = `${isNumber ? 'number' : ''} ${row.value(column) === null ? 'unknown' : ''}`;
  const title = more === '' ? shown : `${shown} (${more})`;
  return html`<td role="gridcell" class=${classes} data-column=${at} tabindex=${tabindex} title=${title}>${shown}</td>`;
}
