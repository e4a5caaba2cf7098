import { html, nothing, type TemplateResult } from 'lit';
import type { UnusedKind } from '../../../core/model';
import type { TabName } from './tables';
import { counted } from './words';

/** What can be planned at once of what a table lists. Volumes hold data that nothing can make again: never. */
const UNUSED: Partial<Readonly<Record<TabName, { readonly kind: UnusedKind; readonly title: string }>>> = {
  containers: { kind: 'stoppedContainers', title: 'Plan Removal of All Stopped…' },
  images: { kind: 'unusedImages', title: 'Plan Removal of All Unused…' },
  buildCache: { kind: 'unusedCache', title: 'Plan Removal of All Unused…' },
};

/** The table that the tools are above. */
export interface ToolsState {
  readonly tab: TabName;
  readonly filter: string;
  /** Rows that the filter leaves. */
  readonly shown: number;
  readonly all: number;
  /** Selected rows, in all tables. */
  readonly selected: number;
  readonly isBusy: boolean;
}

/** What the tools do. */
export interface ToolsActions {
  readonly filterBy: (text: string) => void;
  readonly clear: () => void;
  readonly planSelected: () => void;
  readonly planUnused: (kind: UnusedKind) => void;
}

/** The filter of a table, and what can be done with its rows. */
export function toolsView(
  { tab, filter, shown, all, selected, isBusy }: ToolsState,
  actions: ToolsActions,
): TemplateResult {
  const unused = UNUSED[tab];
  return html`<div class="tools">
    <vscode-textfield
      label="Filter"
      placeholder="Filter"
      .value=${filter}
      @input=${({ currentTarget }: Event) => actions.filterBy((currentTarget as HTMLInputElement).value)}
    ></vscode-textfield>
    <span class="found"
      >${filter === '' ? counted(shown, 'row') : `${shown.toLocaleString('en')} of ${counted(all, 'row')}`}</span
    >
    <span class="grow"></span>
    ${selected === 0 ? nothing : html`<vscode-button secondary @click=${actions.clear}>Clear Selection</vscode-button>`}
    ${
      unused === undefined
        ? nothing
        : html`<vscode-button
            class="plan-unused"
            secondary
            ?disabled=${isBusy}
            @click=${() => actions.planUnused(unused.kind)}
            >${unused.title}</vscode-button
          >`
    }
    <vscode-button ?disabled=${selected === 0 || isBusy} @click=${actions.planSelected}
      >${selected === 0 ? 'Plan Removal' : `Plan Removal of ${counted(selected, 'Item')}…`}</vscode-button
    >
  </div>`;
}
