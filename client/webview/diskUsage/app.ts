import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit';
import {
  formatDuration,
  type ByteUnits,
  type ContainerChanges,
  type DiskPlan,
  type DiskReport,
  type ReclaimItem,
  type ReclaimOutcome,
  type UnusedKind,
} from '../../../core/model';
import type { Host } from '../host';
import type { PanelNotification, PanelState } from '../protocol';
import { changesView } from './changesView';
import { PlainElement } from './element';
import { derivation, engineFacts, notMeasured, totals } from './overview';
import { readState, type PageState } from './pageState';
import { outcomeView, planView } from './planView';
import type { Row, Table } from './rows';
import { arranged } from './sorting';
import { itemsOf, tableOf, TABS, type TabName } from './tables';
import type { DiskTable, RowEvent } from './table';
import { toolsView } from './tools';
import { bytesText, counted, timeText } from './words';

/** What is shown below the totals in the place of the tables. */
type Detail =
  | { readonly kind: 'changes'; readonly name: string; readonly changes: ContainerChanges }
  | { readonly kind: 'plan'; readonly plan: DiskPlan; readonly isRemoving: boolean }
  | { readonly kind: 'outcome'; readonly plan: DiskPlan; readonly outcome: ReclaimOutcome };

const IDLE: PanelState = { isMeasuring: false, progress: '', isStale: false, kept: [] };
const TAB_NAMES = Object.keys(TABS) as readonly TabName[];

/** The page of disk usage. */
export class DiskUsageApp extends PlainElement {
  static override properties: PropertyDeclarations = {
    report: { state: true },
    message: { state: true },
    panel: { state: true },
    page: { state: true },
    detail: { state: true },
    problem: { state: true },
    busy: { state: true },
  };

  /** Set once, before the page is shown. */
  declare host: Host;
  declare private report: DiskReport | undefined;
  /** Why there is no report. */
  declare private message: string;
  declare private panel: PanelState;
  declare private page: PageState;
  declare private detail: Detail | undefined;
  /** What went wrong with what was asked for last. */
  declare private problem: string;
  /** Key of the row that is asked about. */
  declare private busy: string;
  private units: ByteUnits = 'si';
  /** Read out by screen readers. */
  private spoken = '';
  private tables = new Map<TabName, Table>();
  private shown: { readonly of: readonly unknown[]; readonly rows: readonly Row[] } | undefined;
  /** What had the focus before a detail was opened. */
  private opener: string | undefined;

  constructor() {
    super();
    this.message = '';
    this.panel = IDLE;
    this.page = readState(undefined);
    this.problem = '';
    this.busy = '';
    this.addEventListener('sort', (event) => this.sortBy((event as CustomEvent<number>).detail));
    this.addEventListener('select-row', (event) => this.select((event as CustomEvent<string>).detail));
    this.addEventListener('select-all', (event) => this.selectAll((event as CustomEvent<boolean>).detail));
    this.addEventListener('keep-row', (event) => this.keepRow((event as CustomEvent<string>).detail));
    this.addEventListener('row-action', (event) => void this.act((event as CustomEvent<RowEvent>).detail));
    this.addEventListener('show-row', (event) => {
      void this.showRow((event as CustomEvent<{ readonly tab: TabName; readonly key: string }>).detail);
    });
  }

  /** The panel has news. */
  told(notification: PanelNotification): void {
    if (notification.name === 'state') {
      const { state } = notification;
      if (state.progress !== '' && state.progress !== this.panel.progress) this.spoken = state.progress;
      this.panel = state;
      return;
    }
    const { report, message, units } = notification;
    const isNew = report !== null && report.measuredAt !== this.report?.measuredAt;
    this.report = report ?? undefined;
    this.message = message;
    this.units = units;
    this.tables = new Map();
    if (isNew) {
      this.spoken = `Measured ${bytesText(report.totals.bytes, units)} in ${formatDuration(report.tookMs)}`;
      const items = itemsOf(report);
      this.change({ selected: this.page.selected.filter((key) => items.has(key)) });
      // a plan is about the report that it was made from
      if (this.detail?.kind === 'plan' && !this.detail.isRemoving) this.detail = undefined;
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.page = readState(this.host.state);
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has('detail')) return;
    if (this.detail !== undefined) this.querySelector<HTMLElement>('.detail h2')?.focus();
    else if (changed.get('detail') !== undefined) void this.restoreFocus();
  }

  protected override render(): TemplateResult {
    const { report, panel, message } = this;
    return html`<main aria-busy=${panel.isMeasuring}>
      ${this.header()}
      <div role="status" class="hidden">${this.spoken}</div>
      ${report === undefined || message === '' ? nothing : html`<p class="problem" role="alert">${message}</p>`}
      ${this.problem === '' ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${
        report === undefined
          ? html`<p class="nothing">
              ${message === '' && panel.isMeasuring ? 'Measuring for the first time…' : message || 'Nothing has been measured yet.'}
            </p>`
          : this.body(report)
      }
    </main>`;
  }

  private header(): TemplateResult {
    const { report, panel } = this;
    return html`<header>
      <div class="title-row">
        <h1>Disk Usage</h1>
        ${
          panel.isMeasuring
            ? html`<vscode-button
                secondary
                icon="stop-circle"
                @click=${() => this.host.send({ kind: 'command', name: 'cancel' })}
                >Cancel</vscode-button
              >`
            : html`<vscode-button icon="refresh" @click=${() => this.host.send({ kind: 'command', name: 'measure' })}
                >${report === undefined ? 'Measure' : 'Refresh'}</vscode-button
              >`
        }
      </div>
      <div class="progress-room">
        ${
          panel.isMeasuring
            ? html`<vscode-progress-bar indeterminate aria-label="Measuring"></vscode-progress-bar>
                <span class="progress">${panel.progress || 'Working…'}</span>`
            : nothing
        }
      </div>
      ${
        report === undefined
          ? nothing
          : html`<p class="measured">
                Measured ${timeText(report.measuredAt)}, took ${formatDuration(report.tookMs)}.
                ${panel.isStale && !panel.isMeasuring ? html`<span class="stale">The engine has changed since: refresh to see it.</span>` : nothing}
              </p>
              ${engineFacts(report)}`
      }
    </header>`;
  }

  private body(report: DiskReport): TemplateResult {
    const { units, page } = this;
    return html`<div class="overview">
        ${totals(report, units, () => void this.plan('all'))}
        <li-treemap .report=${report} units=${units}></li-treemap>
      </div>
      <details
        ?open=${page.isDerivationOpen}
        @toggle=${({ currentTarget }: Event) => this.change({ isDerivationOpen: (currentTarget as HTMLDetailsElement).open })}
      >
        <summary>How this follows from ${report.engine.kind}’s columns</summary>
        ${derivation(report, units)}
      </details>
      ${notMeasured(report.notMeasured)}
      ${this.detail === undefined ? this.lists(report) : html`<div class="detail">${this.details(this.detail)}</div>`}`;
  }

  private details(detail: Detail): TemplateResult {
    const { units, host } = this;
    const close = (): void => {
      this.detail = undefined;
    };
    switch (detail.kind) {
      case 'changes':
        return changesView(detail.name, detail.changes, units, close);
      case 'outcome':
        return outcomeView(detail.outcome, detail.plan.plan, units, close);
      case 'plan':
        return planView(detail.plan, units, detail.isRemoving, {
          carryOut: () => void this.carryOut(detail.plan),
          close,
          copy: (text) => host.send({ kind: 'command', name: 'copy', text }),
          open: (uri, line) => host.send({ kind: 'command', name: 'open', uri, line }),
        });
    }
  }

  private lists(report: DiskReport): TemplateResult {
    const { tab, filter, sorting, selected } = this.page;
    const table = this.table(tab, report);
    const rows = this.rowsOf(table, filter, tab);
    return html`<section class="lists" aria-label="Tables">
      <div
        class="tabs"
        role="tablist"
        aria-label="What is listed"
        @keydown=${(event: KeyboardEvent) => this.tabKey(event)}
      >
        ${TAB_NAMES.map((name) => this.tab(name, report))}
      </div>
      ${toolsView(
        {
          tab,
          filter,
          shown: rows.length,
          all: table.rows.length,
          selected: selected.length,
          isBusy: this.busy !== '',
        },
        {
          filterBy: (text) => this.filterBy(text),
          clear: () => this.change({ selected: [] }),
          planSelected: () => void this.planItems(selected),
          planUnused: (kind) => void this.plan(kind),
        },
      )}
      <p class="quiet">${table.note}</p>
      <div role="tabpanel" id="tab-panel" aria-labelledby="tab-${tab}">
        <li-table
          label=${TABS[tab]}
          .table=${table}
          .rows=${rows}
          .sorting=${sorting[tab]}
          .selected=${new Set(selected)}
          .kept=${new Set(this.panel.kept)}
          .busy=${this.busy}
        ></li-table>
      </div>
    </section>`;
  }

  private tab(name: TabName, report: DiskReport): TemplateResult {
    const isSelected = name === this.page.tab;
    return html`<button
      role="tab"
      id="tab-${name}"
      aria-selected=${isSelected}
      aria-controls="tab-panel"
      tabindex=${isSelected ? '0' : '-1'}
      @click=${() => this.openTab(name)}
    >
      ${TABS[name]} <span class="count">${report[name].length.toLocaleString('en')}</span>
    </button>`;
  }

  private tabKey(event: KeyboardEvent): void {
    const at = TAB_NAMES.indexOf(this.page.tab);
    const last = TAB_NAMES.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last },
    };
    const next = TAB_NAMES[steps[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    this.openTab(next);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#tab-${next}`)?.focus());
  }

  private openTab(tab: TabName): void {
    if (tab === this.page.tab) return;
    this.change({ tab, filter: '' });
    const box = this.querySelector('li-table .box');
    if (box !== null) box.scrollTop = 0;
  }

  private table(tab: TabName, report: DiskReport): Table {
    const table = this.tables.get(tab) ?? tableOf(tab, report, this.units);
    this.tables.set(tab, table);
    return table;
  }

  /** Sorting thousands of rows is for when something about them changed only. */
  private rowsOf(table: Table, filter: string, tab: TabName): readonly Row[] {
    const of = [table, filter, this.page.sorting[tab]];
    if (this.shown === undefined || this.shown.of.some((one, index) => one !== of[index])) {
      this.shown = { of, rows: arranged(table.rows, filter, this.page.sorting[tab]) };
    }
    return this.shown.rows;
  }

  private change(some: Partial<PageState>): void {
    this.page = { ...this.page, ...some };
    this.host.keep(this.page);
  }

  private filterBy(filter: string): void {
    this.change({ filter });
    const count =
      this.report === undefined ? 0 : this.rowsOf(this.table(this.page.tab, this.report), filter, this.page.tab).length;
    this.spoken = filter === '' ? '' : `${counted(count, 'row')} found`;
  }

  private sortBy(column: number): void {
    const { tab, sorting } = this.page;
    const now = sorting[tab];
    const table = this.tables.get(tab);
    const isNumber = table?.columns[column]?.isNumber === true;
    const isDescending = now.column === column ? !now.isDescending : isNumber;
    this.change({ sorting: { ...sorting, [tab]: { column, isDescending } } });
    this.spoken = `Sorted by ${table?.columns[column]?.title ?? ''}, ${isDescending ? 'descending' : 'ascending'}`;
  }

  private select(key: string): void {
    const { selected } = this.page;
    this.change({ selected: selected.includes(key) ? selected.filter((one) => one !== key) : [...selected, key] });
  }

  private selectAll(isSelected: boolean): void {
    const keys = this.shown?.rows.map(({ key }) => key) ?? [];
    const shown = new Set(keys);
    const others = this.page.selected.filter((key) => !shown.has(key));
    const kept = new Set(this.panel.kept);
    this.change({ selected: isSelected ? [...others, ...keys.filter((key) => !kept.has(key))] : others });
  }

  private keepRow(key: string): void {
    const item = this.report && itemsOf(this.report).get(key);
    if (item === undefined) return;
    const isKept = !this.panel.kept.includes(key);
    this.host.send({ kind: 'command', name: 'keep', item, isKept });
    if (isKept) this.change({ selected: this.page.selected.filter((one) => one !== key) });
    this.spoken = `${item.name} is ${isKept ? 'kept: no plan removes it' : 'not kept any more'}`;
  }

  private async act({ row, action }: RowEvent): Promise<void> {
    if (action === 'remove') {
      await this.planItems([row.key]);
      return;
    }
    await this.asking(row.key, async () => {
      if (action === 'measure') {
        const bytes = await this.host.ask('bindMount', { source: row.subject });
        this.spoken = `${row.name}: ${bytesText(bytes, this.units)}`;
        if (bytes === null) throw new Error(`${row.name} cannot be read from here.`);
        this.measured(row.subject, bytes);
        return;
      }
      const changes = await this.host.ask('changes', { container: row.subject });
      if (changes === null) throw new Error(`The container ${row.name} is gone.`);
      this.opener = row.key;
      this.detail = { kind: 'changes', name: row.name, changes };
    });
  }

  private measured(source: string, sizeBytes: number): void {
    if (this.report === undefined) return;
    const bindMounts = this.report.bindMounts.map((one) => (one.source === source ? { ...one, sizeBytes } : one));
    this.report = { ...this.report, bindMounts };
    this.tables.delete('bindMounts');
  }

  private planItems(keys: readonly string[]): Promise<void> {
    const all = this.report && itemsOf(this.report);
    return this.plan(
      keys.flatMap((key) => all?.get(key) ?? []),
      keys[0],
    );
  }

  private async plan(items: readonly ReclaimItem[] | UnusedKind, opener?: string): Promise<void> {
    await this.asking(opener ?? 'unused', async () => {
      const plan = await this.host.ask('plan', { items });
      this.opener = opener;
      this.detail = { kind: 'plan', plan, isRemoving: false };
    });
  }

  private async carryOut(plan: DiskPlan): Promise<void> {
    this.detail = { kind: 'plan', plan, isRemoving: true };
    await this.asking(plan.id, async () => {
      try {
        const outcome = await this.host.ask('remove', { plan: plan.id });
        this.detail = outcome === null ? undefined : { kind: 'outcome', plan, outcome };
        this.change({ selected: [] });
      } catch (error) {
        this.detail = undefined;
        throw error;
      }
    });
  }

  private async asking(busy: string, ask: () => Promise<void>): Promise<void> {
    this.busy = busy;
    this.problem = '';
    try {
      await ask();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.busy = '';
    }
  }

  /** Shows a row in its table; without a key the table alone. */
  private async showRow({ tab, key }: { readonly tab: TabName; readonly key: string }): Promise<void> {
    this.detail = undefined;
    this.change({ tab, filter: '' });
    await this.updateComplete;
    this.querySelector('.lists')?.scrollIntoView({ block: 'nearest' });
    await this.querySelector<DiskTable>('li-table')?.show(key);
  }

  private async restoreFocus(): Promise<void> {
    const { opener } = this;
    this.opener = undefined;
    await this.updateComplete;
    await this.querySelector<DiskTable>('li-table')?.show(opener ?? '');
  }
}
