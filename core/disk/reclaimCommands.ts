import type { DiskReport } from '../model';
import type { ChosenItem } from './reclaimChoice';

/**
 * What a user would type to remove chosen items, one program with its arguments each. In the plan's order, and nothing but
 * what is in it: neither docker nor podman takes steps of an image along here.
 */
export function reclaimCommands(report: DiskReport, chosen: readonly ChosenItem[]): (readonly string[])[] {
  const program = report.engine.kind;
  const idsOf = (kind: ChosenItem['item']['kind']): string[] =>
    chosen.filter(({ item }) => item.kind === kind).map(({ item }) => item.id);
  const commands: (readonly string[])[] = [];
  const containers = idsOf('container');
  if (containers.length > 0) commands.push([program, 'rm', ...containers]);
  const names = new Map(report.images.map((image) => [image.id, image.names]));
  // an id does for an image with one name or none; with more, each has to go
  const images = idsOf('image').flatMap((id) => {
    const own = names.get(id) ?? [];
    return own.length > 0 ? own : [id];
  });
  const hasSteps = report.images.some(({ isIntermediate }) => isIntermediate);
  if (images.length > 0) commands.push([program, 'rmi', ...(hasSteps ? ['--no-prune'] : []), ...images]);
  // buildx takes one id: "filters expect only one value"
  for (const id of idsOf('build-cache')) {
    commands.push(['docker', 'buildx', 'prune', '--filter', `id=${id}`, '--all', '--force']);
  }
  for (const name of idsOf('volume')) commands.push([program, 'volume', 'rm', name]);
  return commands;
}
