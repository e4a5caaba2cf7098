import type { PastBuildRow } from '../../views/builds/view';
import { explainMiss } from '../explainMiss';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** What would be built now, in place of the id of a build. */
const NOW = 'now';

/** Names the first difference of two selected builds, or of one and what would be built now. */
export async function explainPastBuild(
  services: Services,
  row: PastBuildRow | undefined,
  selected: readonly PastBuildRow[],
): Promise<void> {
  if (row === undefined || !isAllowed()) return;
  const other = selected.length === 2 ? selected.find(({ ref }) => ref !== row.ref) : undefined;
  if (other === undefined) return explainMiss(services, row.ref, NOW);
  // the list begins with the newest
  const order = (await services.pastBuilds.list()).map(({ ref }) => ref);
  const [later, earlier] = [row.ref, other.ref].sort((one, two) => order.indexOf(one) - order.indexOf(two));
  return explainMiss(services, earlier, later);
}
