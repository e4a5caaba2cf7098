import type { NotMeasured } from '../model';
import type { EngineFacts, RootFacts } from './facts';

/** Log drivers that write files into the engine's data root (moby daemon/logger). */
const FILE_LOGS: readonly string[] = ['json-file', 'local', 'k8s-file', ''];

/** Names that one row has. */
const MAX_NAMES = 5;

/**
 * Everything that has bytes which are not in the report, each with the reason.
 *
 * @param root what was read of the data root; undefined: nothing, because of `reason`
 */
export function whatIsMissing(
  { containers, volumes, images, cache, storage }: EngineFacts,
  root: RootFacts | undefined,
  reason: { readonly why: string; readonly remedy: string },
): NotMeasured[] {
  const missing: NotMeasured[] = [];
  const { why, remedy } = reason;
  const inFiles = containers.filter(({ logDriver }) => FILE_LOGS.includes(logDriver));
  if (root === undefined) {
    if (inFiles.length > 0) missing.push({ what: `Logs of ${namesOf(inFiles)}`, why, remedy });
    if (containers.length > 0) missing.push({ what: 'Configuration and checkpoints of containers', why, remedy });
    missing.push({ what: "The engine's own files, folders, and rounding up to whole blocks", why, remedy });
  }
  const contexts = cache.filter(({ type }) => type === 'source.local').length;
  if (contexts > 0 && (root === undefined || storage.store === 'containerd')) {
    const what = `By how much ${contexts} copies of build contexts grew`;
    const told = 'The builder tells the sizes that they had when they were first measured.';
    missing.push({ what, why: told, remedy: storage.store === 'containerd' ? '' : remedy });
  }
  const elsewhere = containers.filter(({ logDriver }) => !FILE_LOGS.includes(logDriver) && logDriver !== 'none');
  for (const driver of new Set(elsewhere.map(({ logDriver }) => logDriver))) {
    missing.push({
      what: `Logs of ${namesOf(elsewhere.filter(({ logDriver }) => logDriver === driver))}`,
      why: `They go to ${driver}, which keeps them outside of the engine.`,
      remedy: driver === 'journald' ? 'Ask the journal: "journalctl --disk-usage".' : '',
    });
  }
  const unsized = containers.filter(({ sizeBytes }) => sizeBytes === null);
  if (unsized.length > 0) {
    missing.push({
      what: `Writable layers of ${namesOf(unsized)}`,
      why: 'The engine did not tell their sizes.',
      remedy: '',
    });
  }
  for (const { name, driver, sizeBytes } of volumes) {
    if (sizeBytes !== null) continue;
    const isForeign = driver !== 'local';
    missing.push({
      what: `Volume ${name}`,
      why: isForeign ? `Its driver ${driver} does not tell sizes.` : 'The engine did not tell its size.',
      remedy: '',
    });
  }
  const unread = images.filter(({ layers }) => layers === undefined);
  if (unread.length > 0) {
    missing.push({ what: `Layers of ${unread.length} images`, why: 'The engine failed to describe them.', remedy: '' });
  }
  for (const path of root?.unreadable.slice(0, MAX_NAMES) ?? []) {
    missing.push({
      what: path,
      why: 'It may not be read.',
      remedy: 'Run "sudo layer-insight disk", which reads it and changes nothing.',
    });
  }
  return missing;
}

function namesOf(containers: readonly { readonly name: string }[]): string {
  const names = containers.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = containers.length - names.length;
  return `${names.length === 1 ? 'container' : 'containers'} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
