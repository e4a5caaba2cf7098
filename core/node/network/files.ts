import { createHash } from 'node:crypto';
import type { RemoteFile } from '../../evidence/remotes';
import { ask, eachPart, NetworkFailure } from './http';

/** A file with what a server needs to be told to say that it did not change. */
export interface ServedFile extends RemoteFile {
  readonly validators: Readonly<Record<string, string>>;
}

/** Bytes above which a file is not fetched. */
const MAX_FILE = 256_000_000;
/** Milliseconds for one file. */
const PATIENCE = 120_000;

/**
 * Fetches a file and keeps its digest. The builder's client asks with these headers (source/http/source.go, and Go's
 * http.Transport): a server may answer others with something else.
 *
 * @param known the answer before, which holds when the server says so.
 * @throws {NetworkFailure} in words for people.
 */
export async function askFile(
  address: string,
  buildkit: string | null,
  signal: AbortSignal,
  known?: ServedFile,
): Promise<ServedFile> {
  if (!URL.canParse(address)) throw new NetworkFailure('this is no address');
  const release = /^\d+\.\d+/.exec(buildkit ?? '')?.[0];
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const headers = {
    'user-agent': release === undefined ? 'layer-insight' : `buildkit/v${release}`,
    'accept-encoding': 'gzip',
    ...known?.validators,
  };
  try {
    const answer = await ask({ url: new URL(address), headers, signal: patience });
    const { status, url } = answer;
    if (status === 304 && known !== undefined) {
      await answer.body?.cancel();
      return known;
    }
    if (status < 200 || status >= 400) {
      await answer.body?.cancel();
      throw new NetworkFailure(`${url.host} answers ${status}: the build would stop`);
    }
    const encoding = answer.headers.get('content-encoding') ?? '';
    if (!/^(?:gzip|identity)?$/i.test(encoding)) {
      await answer.body?.cancel();
      throw new NetworkFailure(`${url.host} sends it packed in a way that builders do not ask for`);
    }
    const hash = createHash('sha256');
    await eachPart(answer, MAX_FILE, (part) => hash.update(part));
    const etag = answer.headers.get('etag');
    const modified = answer.headers.get('last-modified');
    return {
      digest: `sha256:${hash.digest('hex')}`,
      hasEtag: etag !== null,
      validators:
        etag !== null ? { 'if-none-match': etag } : modified !== null ? { 'if-modified-since': modified } : {},
    };
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) throw new NetworkFailure('it takes too long to fetch');
    throw error;
  }
}
