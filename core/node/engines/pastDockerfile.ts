import { dockerfileText } from '../../evidence/pastDockerfile';

/** The Dockerfile in the provenance of a build, or why there is none. */
export function pastDockerfile(
  provenances: readonly string[],
): { readonly text: string } | { readonly reason: string } {
  for (const provenance of provenances) {
    const text = dockerfileText(JSON.parse(provenance), (data) => Buffer.from(data, 'base64').toString('utf8'));
    if (text !== undefined) return { text };
  }
  return { reason: 'The engine noted no Dockerfile for this build: it does so only for builds that succeed.' };
}
