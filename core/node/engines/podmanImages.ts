import { spawn } from 'node:child_process';
import type { HistoryStep } from '../../image/manifest';
import { asArray, asObject, asText } from '../../llb/decode';
import type { EngineImage, ImageStoreAccess } from '../image/engineImage';
import { ImageError } from '../image/openImage';
import { runCommand } from './command';
import { describeImage } from './dockerImages';
import { podmanFailure } from './failure';

const PROGRAM = 'podman';
/** Milliseconds that a question may take. */
const PATIENCE = 20_000;
/** Longest error text that is kept. */
const MAX_ERROR_TEXT = 4000;

/** The images of Podman, asked by commands: they go wherever the user's own Podman goes. */
export class PodmanImages implements ImageStoreAccess {
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  async describe(name: string, signal: AbortSignal = new AbortController().signal): Promise<EngineImage | undefined> {
    try {
      const args = ['image', 'inspect', '--', name];
      const printed = await runCommand({ program: PROGRAM, args, env: this.env, signal, patience: PATIENCE });
      const [json] = asArray(JSON.parse(printed)).map(asObject);
      if (json === undefined) return undefined;
      return describeImage(json, asArray(json['History']).map(historyStep));
    } catch (error) {
      signal.throwIfAborted();
      const text = error instanceof Error ? error.message : String(error);
      if (/no such (?:image|object)|image not known|invalid reference|unable to inspect/i.test(text)) return undefined;
      throw new ImageError(podmanFailure(error).message);
    }
  }

  export(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    signal.throwIfAborted();
    const args = ['save', '--quiet', '--format', 'docker-archive', id.replace(/^sha256:/, '')];
    return Promise.resolve(outputOf(args, this.env, signal));
  }
}

/** What a command prints, as it comes. Fails at the end with the command's own words when it did not succeed. */
async function* outputOf(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    if (said.length < MAX_ERROR_TEXT) said += chunk;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  ended.catch(() => undefined);
  const stop = (): void => {
    child.stdout.destroy();
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    signal.throwIfAborted();
    const code = await ended;
    if (code !== 0)
      throw new ImageError(podmanFailure(new Error(said.trim() || `podman ended with code ${code}`)).message);
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null) stop();
  }
}

function historyStep(value: unknown): HistoryStep {
  const entry = asObject(value);
  const created = Date.parse(asText(entry['created']));
  return {
    createdBy: asText(entry['created_by']),
    created: Number.isNaN(created) ? undefined : created,
    comment: asText(entry['comment']),
    isEmpty: entry['empty_layer'] === true,
  };
}
