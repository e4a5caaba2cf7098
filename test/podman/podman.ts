import { request } from 'node:http';
import { run, type Finished } from '../judge/run.js';

/** The image that `test/hosts/podman.mjs` has put into the store: a static busybox. */
export const BASE_IMAGE = 'localhost/busybox:1';

/** One entry of an image's history as the API tells it. */
export interface HistoryEntry {
  /** With nanoseconds. */
  readonly created: string;
  readonly created_by: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** What this suite reads of `GET /libpod/images/{id}/json`. */
export interface ImageDetails {
  readonly Id: string;
  /** Empty for an image that was not built here. */
  readonly Parent: string;
  readonly ManifestType: string;
  readonly Os: string;
  readonly Architecture: string;
  readonly RootFS: { readonly Layers: readonly string[] };
  readonly History: readonly HistoryEntry[];
}

/** What this suite reads of `GET /libpod/images/json`. */
export interface ImageRow {
  readonly Id: string;
  readonly ParentId: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly Names?: readonly string[];
}

/** Podman as this run's host provides it. */
export interface Podman {
  /** Runs the program; contexts have to be below /tmp. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Finished>;
  /** All images, also those that are only steps of others. */
  readonly images: () => Promise<readonly ImageRow[]>;
  readonly image: (id: string) => Promise<ImageDetails>;
}

/**
 * For suites that need Podman; undefined after one line that says why the suite is skipped.
 *
 * @throws when there is none although LAYER_INSIGHT_REQUIRE_PODMAN=1 says that there must be.
 */
export function podmanForSuite(suite: string): Podman | undefined {
  const socket = process.env['LAYER_INSIGHT_PODMAN'];
  const program = process.env['LAYER_INSIGHT_PODMAN_PROGRAM'];
  if (socket === undefined || program === undefined) {
    const why = `${suite}: LAYER_INSIGHT_PODMAN and LAYER_INSIGHT_PODMAN_PROGRAM are not set (npm test -- podman)`;
    if (process.env['LAYER_INSIGHT_REQUIRE_PODMAN'] === '1') throw new Error(why);
    console.warn(`skipped: ${why}`);
    return undefined;
  }
  const get = async (path: string): Promise<unknown> => JSON.parse(await ask(socket, `/v5.0.0/libpod/${path}`));
  return {
    run: (args, env) => run(program, args, { env }),
    images: async () => (await get('images/json?all=true')) as readonly ImageRow[],
    image: async (id) => (await get(`images/${id}/json`)) as ImageDetails,
  };
}

/** `podman build` of a folder; `args` are added. Throws with the builder's output when it fails. */
export async function build(podman: Podman, context: string, args: readonly string[] = []): Promise<string> {
  const built = await podman.run(['build', ...args, context]);
  if (built.code !== 0) throw new Error(`podman build: ${built.stdout}${built.stderr}`);
  return built.stdout + built.stderr;
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: 30_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`GET ${path}: ${response.statusCode ?? 0} ${text}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`GET ${path} took too long`)));
    asked.on('error', reject);
    asked.end();
  });
}
