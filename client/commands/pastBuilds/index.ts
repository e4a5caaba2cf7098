import { InternalCommand, ItemCommand } from '../../contributions';
import type { PastBuildRow } from '../../views/builds/view';
import type { Services } from '../services';
import { diffPastDockerfile, openPastDockerfile } from './dockerfile';
import { explainPastBuild } from './explain';

/** What the rows of the Builds view do. */
export function pastBuildHandlers(services: Services) {
  return {
    [ItemCommand.openPastDockerfile]: (row: unknown) => openPastDockerfile(services, rowOf(row)),
    [ItemCommand.diffPastDockerfile]: (row: unknown) => diffPastDockerfile(services, rowOf(row)),
    [ItemCommand.explainPastBuild]: (row: unknown, selected: unknown) =>
      explainPastBuild(
        services,
        rowOf(row),
        Array.isArray(selected) ? selected.flatMap((one) => rowOf(one) ?? []) : [],
      ),
    [InternalCommand.getPastBuilds]: () => services.pastBuilds.list(),
  };
}

/** A row that a menu hands over, or a test that got it from the list. */
function rowOf(item: unknown): PastBuildRow | undefined {
  if (typeof item !== 'object' || item === null || !('ref' in item) || !('uri' in item)) return undefined;
  return item as PastBuildRow;
}
