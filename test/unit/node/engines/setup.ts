import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { EvidenceSource, type EngineChoice, type EvidenceResult } from '../../../../core/node/engines/loadEvidence';
import { evidenceParts } from '../../../../core/node/engines/evidenceParts';
import { sha256 } from '../../../../core/node/sha256';
import { FileHistoryStore } from '../../../../core/node/store/historyStore';
import { LayerStore } from '../../../../core/node/store/layerStore';
import { PLAIN_REQUEST } from '../../../../core/plan/graph';
import { imagesOf, predictProject } from '../../../../core/predict/project';
import { describeStep } from '../../support/evidence';
import { folderOf } from '../folder';
import { FakeBuilder } from './fakeBuilder';
import { FakeDocker, type Answers } from './fakeDocker';
import { FakeEngine } from './fakeEngine';
import { recorded, type Recording } from './recording';

const DOCKERFILE = recorded('Dockerfile');
/** Its first stage alone: no step that needs files. */
export const SHORT = DOCKERFILE.slice(0, DOCKERFILE.indexOf('\nFROM base') + 1);
export const IMAGE: unknown = JSON.parse(recorded('image.json'));

/** A machine with a docker program, an engine and a configuration, all of them made up. */
export class Machine {
  readonly folder = folderOf({ 'config/config.json': '{}', 'config/cli-plugins/docker-buildx': '' });
  readonly env: NodeJS.ProcessEnv;
  readonly docker: FakeDocker;

  constructor(answers: Record<string, Answers> = {}) {
    this.docker = new FakeDocker(this.folder, answers);
    this.env = {
      PATH: process.env['PATH'],
      DOCKER_CONFIG: join(this.folder, 'config'),
      DOCKER_HOST: `unix://${this.socket('engine')}`,
    };
  }

  socket(name: string): string {
    return join(this.folder, `${name}.sock`);
  }

  async engine(images: Readonly<Record<string, unknown>> = { 'busybox:1': IMAGE }, info = {}): Promise<FakeEngine> {
    const engine = new FakeEngine(images, info);
    await engine.listen(this.socket('engine'));
    onTestFinished(() => engine.close());
    return engine;
  }

  /** A builder with a connection; the name is empty for the one that is used when none is named. */
  async builder(name: string, recording: Recording, workerId?: string, version?: string): Promise<FakeBuilder> {
    const builder = new FakeBuilder(recording, workerId, version);
    const socket = this.socket(`builder-${name}`);
    await builder.listen(socket);
    this.docker.answer(name, { 'buildx dial-stdio': { socket } });
    onTestFinished(() => builder.close());
    return builder;
  }

  /** Evidence as the command line and the editor load it; the state folder is one for all. */
  source(choice: Partial<EngineChoice> = {}): EvidenceSource {
    const state = join(this.folder, 'state');
    const all = { program: this.docker.program, builder: undefined, env: this.env, ...choice };
    const source = new EvidenceSource(all, new FileHistoryStore(state), new LayerStore(state));
    onTestFinished(() => source.close());
    return source;
  }
}

export function load(source: EvidenceSource, text = DOCKERFILE): Promise<EvidenceResult> {
  return source.load((known) => imagesOf(text, PLAIN_REQUEST, 'linux/amd64', known));
}

/** What is said of each step that makes a layer; nothing is known of the files of the context. */
export function told(result: EvidenceResult, text = DOCKERFILE): string[] {
  const { prediction } = predictProject({
    text,
    dockerfile: '/work/shop/Dockerfile',
    request: PLAIN_REQUEST,
    defaultPlatform: 'linux/amd64',
    sha256,
    baseline: 'engine',
    ...evidenceParts(result),
    context: { path: '/work/shop', tree: undefined, patterns: [], problems: [], others: new Map() },
  });
  return prediction.steps.filter(({ verdict }) => verdict !== 'no-layer').map(describeStep);
}

/** The message of why there is no evidence. */
export function failure(result: EvidenceResult): string {
  return result.kind === 'none' ? `${result.failure.code}: ${result.failure.message}` : 'there is evidence';
}
