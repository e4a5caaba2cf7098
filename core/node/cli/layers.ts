import { existsSync, readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { checkGates, DEFAULT_RULES, type GateResult, type GateRules } from '../../image/gates';
import { layersDocument } from '../../image/layersDocument';
import { renderGates, renderLayers } from '../../image/layersText';
import { asObject } from '../../llb/decode';
import { DockerImages } from '../engines/dockerImages';
import { engineImages, type EngineImages } from '../engines/engineImages';
import { analyse, openByName, pathKind } from '../image/findImage';
import { cacheMegabytes, LayerIndexStore } from '../image/indexStore';
import { openRegistryImage } from '../image/registryImage';
import { ImageError, type OpenImage } from '../image/openImage';
import { cacheFolder } from '../store/stateFolder';
import { UsageError } from './args';
import type { ImageArguments, LayersArguments } from './imageArgs';
import { Progress } from './progress';

/** Runs `layer-insight layers` and prints its answer; returns the exit code: 1 when a rule failed. */
export async function runLayers(args: LayersArguments): Promise<number> {
  const rules = args.ci === undefined ? undefined : readRules(args.ci);
  const [name = ''] = args.images;
  const { image, engine } = await openImage(name, args);
  if (rules !== undefined && !image.layers.every(({ isWhole }) => isWhole)) {
    throw new ImageError(
      `${name} could not be read completely, so that no rule is checked: ${image.problems.join('; ')}`,
    );
  }
  const { analysis, base } = await analyse(image, engine);
  const { problems, description } = image;
  const gates: readonly GateResult[] = rules === undefined ? [] : checkGates(rules, analysis.efficiency);
  const isPassed = gates.every(({ status }) => status !== 'fail');
  const document = layersDocument({ name, description, analysis, base, problems, files: args.files });
  if (args.json) {
    const ci = rules === undefined ? {} : { ci: { passed: isPassed, rules: gates } };
    process.stdout.write(`${JSON.stringify({ ...document, ...ci }, null, 2)}\n`);
  } else {
    process.stdout.write(renderLayers(document, process.stdout.columns || 100));
    if (rules !== undefined) process.stdout.write(renderGates(gates));
  }
  return isPassed ? 0 : 1;
}

/** Opens the image of a name with progress on a terminal; `engine` is undefined for what lies on disk. */
export async function openImage(
  name: string,
  args: ImageArguments,
): Promise<{ readonly image: OpenImage; readonly engine: EngineImages | undefined }> {
  const store = new LayerIndexStore(cacheFolder(process.env), cacheMegabytes(process.env));
  const progress = new Progress(name);
  const options = { platform: args.platform, image: args.image, onProgress: progress.show };
  try {
    if (args.engine === 'registry') {
      return { image: await openRegistryImage(name, process.env, store, options), engine: undefined };
    }
    const engine =
      (await pathKind(name)) === undefined ? await engineImages(args.engine, 'docker', process.env) : undefined;
    const access = (): EngineImages =>
      engine ?? new DockerImages({ program: 'docker', builder: undefined, env: process.env });
    return { image: await openByName(name, access, store, options), engine };
  } finally {
    progress.end();
  }
}

/** dive's rules file on top of dive's defaults, then what the command line says. A file that is not there says nothing. */
function readRules({ config, rules }: NonNullable<LayersArguments['ci']>): GateRules {
  const fromFile: Record<string, string> = {};
  if (existsSync(config)) {
    let content: unknown;
    try {
      content = parseYaml(readFileSync(config, 'utf8'));
    } catch (error) {
      throw new UsageError(`${config} is no YAML: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const [key, value] of Object.entries(asObject(asObject(content)['rules']))) {
      if (['string', 'number', 'boolean'].includes(typeof value)) fromFile[key] = String(value);
    }
  }
  return { ...DEFAULT_RULES, ...fromFile, ...rules };
}
