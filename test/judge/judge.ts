import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDockerfileLines } from './dockerfileLines.js';
import { buildxProgram } from './buildxProgram.js';
import { imageHistory, removeImage } from './images.js';
import { asString, at, parseJson } from './json.js';
import { assignLayerBytes } from './layerBytes.js';
import { judgeLines, type JudgedLine } from './lines.js';
import { readProgress, type Vertex } from './progress.js';
import { readProvenance, type Provenance } from './provenance.js';
import { run } from './run.js';

export type { JudgedLine, Outcome } from './lines.js';

export interface BuildOptions {
  readonly context: string;
  /** Default: `Dockerfile` in the context. */
  readonly dockerfile?: string | undefined;
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  readonly noCache?: boolean | undefined;
  readonly noCacheFilter?: readonly string[] | undefined;
  /** `image` (default) also gives layer bytes; `cacheonly` exports nothing. */
  readonly output?: 'image' | 'cacheonly' | undefined;
  /** Further arguments for `docker buildx build`, before the context. */
  readonly extraArgs?: readonly string[] | undefined;
  /** Keep the image (its name is in the report; the caller removes it). Default: removed before returning. */
  readonly keepImage?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface JudgeReport {
  readonly succeeded: boolean;
  /** The client's error line when the build failed. */
  readonly error: string | undefined;
  /** Why the builder failed without any fault of the Dockerfile: such a build shows nothing. */
  readonly disturbed?: string | undefined;
  /** One entry per instruction in file order; triggers of ONBUILD follow the FROM that runs them. */
  readonly lines: readonly JudgedLine[];
  /** `builder/node/id` of the build's history record; undefined for a failed build. */
  readonly ref: string | undefined;
  /** Name of the image that was kept, if any. */
  readonly image: string | undefined;
  /** The whole `docker buildx build`, in milliseconds. */
  readonly wallMs: number;
  readonly command: readonly string[];
  /** The raw progress stream, for messages and fixtures. */
  readonly rawProgress: string;
  /** Every instruction is a step with an outcome of its own, also metadata: builders whose cache is the image store. */
  readonly everyInstruction?: boolean | undefined;
  /**
   * Images that the build made or used, the oldest first, where these are the builder's cache: the caller removes them
   * when it needs the cache no longer, the newest first.
   */
  readonly leftovers?: readonly string[] | undefined;
}

/** The arguments of the real build. */
export function buildArguments(options: BuildOptions, metadataFile: string, image: string | undefined): string[] {
  const args = ['buildx', 'build', '--progress=rawjson', '--metadata-file', metadataFile];
  if (options.dockerfile !== undefined) args.push('--file', options.dockerfile);
  if (options.target !== undefined) args.push('--target', options.target);
  for (const [name, value] of Object.entries(options.buildArgs ?? {})) args.push('--build-arg', `${name}=${value}`);
  if (options.noCache === true) args.push('--no-cache');
  for (const stage of options.noCacheFilter ?? []) args.push('--no-cache-filter', stage);
  if (image === undefined) args.push('--output', 'type=cacheonly');
  else args.push('--tag', image, '--load');
  args.push(...(options.extraArgs ?? []), options.context);
  return args;
}

/**
 * Builds a Dockerfile for real, with the engine that the environment names (DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG,
 * BUILDX_BUILDER), and says for every instruction what the builder did.
 *
 * A build that fails is a report, not an exception.
 *
 * @throws when docker cannot be started, the build exceeds its time, or a successful build left no provenance.
 */
export async function judgeBuild(options: BuildOptions): Promise<JudgeReport> {
  const scratch = await mkdtemp(join(tmpdir(), 'li-judge-'));
  const image = options.output === 'cacheonly' ? undefined : `layer-insight-judge/${randomUUID()}:1`;
  try {
    const metadataFile = join(scratch, 'metadata.json');
    const text = await readFile(options.dockerfile ?? join(options.context, 'Dockerfile'), 'utf8');
    const command = buildArguments(options, metadataFile, image);
    const { program, before } = buildxProgram();
    const build = await run(program, [...before, ...command.slice(1)], {
      // Puts the whole provenance into the metadata file: no second process to ask the history for it.
      env: { BUILDX_METADATA_PROVENANCE: 'max' },
      timeoutMs: options.timeoutMs ?? 180_000,
    });
    if (build.timedOut) throw new Error(`the build did not end in time: docker ${command.join(' ')}`);
    const succeeded = build.code === 0;
    const progress = readProgress(build.stderr);
    const metadata = succeeded ? parseJson(await readFile(metadataFile, 'utf8')) : undefined;
    const ref = asString(at(metadata, 'buildx.build.ref'));
    const provenance = !succeeded
      ? undefined
      : hasSteps(progress.vertices)
        ? await provenanceOf(metadata, ref)
        : { steps: new Map(), stepOfVertex: new Map() };
    let lines = judgeLines({
      file: readDockerfileLines(text),
      progress,
      provenance,
      succeeded,
      target: options.target,
    });
    if (succeeded && image !== undefined && provenance) {
      const history = await imageHistory(image);
      if (history) lines = assignLayerBytes(lines, provenance, history);
    }
    const kept = succeeded && options.keepImage === true ? image : undefined;
    if (succeeded && image !== undefined && kept === undefined) await removeImage(image);
    const error = succeeded ? undefined : (progress.error ?? progress.text.at(-1) ?? 'the build failed silently');
    const { wallMs } = build;
    return { succeeded, error, lines, ref, image: kept, wallMs, command, rawProgress: build.stderr };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A Dockerfile without a single step (`FROM scratch` and metadata) leaves no provenance at all. */
function hasSteps(vertices: ReadonlyMap<string, Vertex>): boolean {
  return [...vertices.values()].some((vertex) => /^(?:\[[^\]]*\d+\/\d+\] |FROM )/.test(vertex.name));
}

/** From the metadata file, else (an older buildx) from the build history. */
async function provenanceOf(metadata: unknown, ref: string | undefined): Promise<Provenance> {
  const direct = readProvenance(at(metadata, 'buildx.build.provenance'));
  if (direct) return direct;
  const id = ref?.split('/').at(-1);
  if (id !== undefined) {
    const args = ['buildx', 'history', 'inspect', 'attachment', id, '--type', 'provenance'];
    const result = await run('docker', args, { timeoutMs: 30_000 });
    const provenance = result.code === 0 ? readProvenance(parseJson(result.stdout)) : undefined;
    if (provenance) return provenance;
  }
  throw new Error('the build succeeded but left no provenance with LLB: the judge cannot map vertices to lines');
}
