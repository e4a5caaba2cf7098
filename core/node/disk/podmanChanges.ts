import { describeChanges, readChanges } from '../../disk/changes';
import { podmanDiffAsChanges } from '../../disk/podmanAnswers';
import { asArray, asObject, asText } from '../../llb/decode';
import type { ContainerChanges } from '../../model';
import { foldersOf, foundIn, sourcesFor, type ChangeQuestion } from './dockerChanges';
import { unlessGone, type Ask } from './podmanDisk';

/** Milliseconds that listing changes may take. */
const PATIENCE = 120_000;

/** What a container changed; undefined when it is not there. */
export async function podmanChanges(ask: Ask, question: ChangeQuestion): Promise<ContainerChanges | undefined> {
  const inspected = await ask(['container', 'inspect', '--', question.container]).catch(unlessGone);
  const [container] = asArray(inspected).map(asObject);
  if (container === undefined) return undefined;
  const told = readChanges(
    podmanDiffAsChanges(await ask(['diff', '--format', 'json', asText(container['Id'])], PATIENCE)),
  );
  const folders = foldersOf(container, question);
  if (folders !== undefined) return describeChanges(told, await foundIn(told, folders, question.signal), '');
  const message = question.root.path === undefined ? question.root.why : 'The layers of the container cannot be read.';
  return describeChanges(told, sourcesFor(new Map(), new Map()), message);
}
