import { TABS, type TabName } from './tables';
import type { Sorting } from './sorting';

/** What of the page is kept while it is hidden, and over a reload of the window. The report is the panel's. */
export interface PageState {
  readonly tab: TabName;
  readonly filter: string;
  readonly sorting: Readonly<Record<TabName, Sorting>>;
  readonly selected: readonly string[];
  readonly isDerivationOpen: boolean;
}

const SIZE_FIRST = (column: number): Sorting => ({ column, isDescending: true });

/** At first the largest come first. */
export const INITIAL: PageState = {
  tab: 'containers',
  filter: '',
  sorting: {
    ...{ containers: SIZE_FIRST(3), images: SIZE_FIRST(1), layers: SIZE_FIRST(1) },
    ...{ volumes: SIZE_FIRST(1), bindMounts: SIZE_FIRST(1), buildCache: SIZE_FIRST(2) },
  },
  selected: [],
  isDerivationOpen: false,
};

/** What was kept, as far as it is something. */
export function readState(value: unknown): PageState {
  const kept = typeof value === 'object' && value !== null ? (value as Partial<Record<keyof PageState, unknown>>) : {};
  const { tab, filter, sorting, selected, isDerivationOpen } = kept;
  return {
    tab: isTab(tab) ? tab : INITIAL.tab,
    filter: typeof filter === 'string' ? filter : '',
    sorting: { ...INITIAL.sorting, ...readSortings(sorting) },
    selected: Array.isArray(selected) ? selected.filter((key) => typeof key === 'string') : [],
    isDerivationOpen: isDerivationOpen === true,
  };
}

function isTab(value: unknown): value is TabName {
  return typeof value === 'string' && value in TABS;
}

function readSortings(value: unknown): Partial<Record<TabName, Sorting>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([tab, sorting]) => isTab(tab) && isSorting(sorting)));
}

function isSorting(value: unknown): value is Sorting {
  const { column, isDescending } = (value ?? {}) as Partial<Record<keyof Sorting, unknown>>;
  return typeof column === 'number' && typeof isDescending === 'boolean';
}
