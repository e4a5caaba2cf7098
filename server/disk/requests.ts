import type { Connection } from 'vscode-languageserver';
import type { ContainerChanges, DiskPlan } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
import { answering } from '../answering';
import type { Guard } from '../guard';
import {
  BindMountBytesRequest,
  ContainerChangesRequest,
  DiskMeasureRequest,
  DiskPlanRequest,
  DiskRemoveRequest,
  type DiskMeasurement,
  type DiskPlanParams,
  type DiskRemoval,
} from '../protocol';
import type { DockerfileSettings } from '../settings';
import { consequencesOf, costsOf, type AskedDockerfile } from './consequences';
import type { DiskSession } from './session';

/** What answers about bytes on disk are made from. */
export interface DiskHost {
  readonly session: DiskSession;
  readonly settings: () => Promise<DockerfileSettings>;
  readonly isTrusted: () => boolean;
  /** The open Dockerfiles. */
  readonly dockerfiles: () => readonly AskedDockerfile[];
}

/** Registers the requests about bytes on disk. */
export function registerDisk(connection: Connection, guard: Guard, host: DiskHost): void {
  const disk = new DiskAnswers(host);
  const answer = answering(connection, guard);
  answer(DiskMeasureRequest, (_, signal) => disk.measure(signal));
  answer(ContainerChangesRequest, ({ container }, signal) => disk.changes(container, signal));
  answer(BindMountBytesRequest, ({ source }, signal) => disk.bindMountBytes(source, signal));
  answer(DiskPlanRequest, (params) => disk.plan(params));
  answer(DiskRemoveRequest, ({ plan }, signal) => disk.remove(plan, signal));
}

class DiskAnswers {
  constructor(private readonly host: DiskHost) {}

  async measure(signal: AbortSignal): Promise<DiskMeasurement> {
    const { session } = this.host;
    const settings = await this.host.settings();
    const { units } = settings;
    const refusal = this.refusal(settings);
    if (refusal !== '') return { report: null, message: refusal, units };
    try {
      return { report: await session.measure(settings, signal), message: '', units };
    } catch (error) {
      if (signal.aborted || !(error instanceof Error)) throw error;
      return { report: null, message: error.message, units };
    }
  }

  async changes(container: string, signal: AbortSignal): Promise<ContainerChanges | null> {
    const access = await this.host.session.accessFor(await this.allowed());
    return (await inWords(signal, () => access.changes(container, signal))) ?? null;
  }

  async bindMountBytes(source: string, signal: AbortSignal): Promise<number | null> {
    const access = await this.host.session.accessFor(await this.allowed());
    // only what a container sees: the server is no reader of any folder
    const known = this.host.session.last?.bindMounts.some((mount) => mount.source === source);
    if (known !== true) throw new ImageError(`No container of the last measurement has ${source} as a bind mount.`);
    return (await inWords(signal, () => access.bindMountBytes(source, signal))) ?? null;
  }

  async plan({ items, kept }: DiskPlanParams): Promise<DiskPlan> {
    await this.allowed();
    const dockerfiles = this.host.dockerfiles();
    const { id, plan, report } = this.host.session.plan(items, new Set(kept), costsOf(dockerfiles));
    return { id, plan, ...consequencesOf(plan, report, dockerfiles) };
  }

  async remove(plan: string, signal: AbortSignal): Promise<DiskRemoval> {
    const { units } = await this.allowed();
    const { outcome, after } = await this.host.session.carryOut(plan, signal);
    const message = after === undefined ? 'It was not measured again.' : '';
    return { outcome, after: { report: after ?? null, message, units } };
  }

  /** Why no engine is asked; empty: one is. */
  private refusal({ engineKind }: DockerfileSettings): string {
    if (!this.host.isTrusted()) return 'This workspace is not trusted: no engine is asked.';
    return engineKind === 'none' ? 'No engine is asked (layerInsight.engine.kind).' : '';
  }

  private async allowed(): Promise<DockerfileSettings> {
    const settings = await this.host.settings();
    const refusal = this.refusal(settings);
    if (refusal !== '') throw new ImageError(refusal);
    return settings;
  }
}

/** What an engine says is a sentence for the user. */
async function inWords<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    throw new ImageError(error.message);
  }
}
