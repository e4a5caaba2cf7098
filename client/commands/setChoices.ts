import type { BuildChoices } from '../../server/protocol';
import type { Services } from './services';

/** Replaces the choices for a Dockerfile, as the commands that ask for them do. */
export async function setChoices({ choices }: Services, wanted: unknown): Promise<void> {
  if (!isChoices(wanted)) return;
  const { uri, ...chosen } = wanted;
  await choices.set(uri, chosen);
}

function isChoices(value: unknown): value is BuildChoices {
  return typeof value === 'object' && value !== null && 'uri' in value && typeof value.uri === 'string';
}
