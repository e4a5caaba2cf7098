import { isDeepStrictEqual } from 'node:util';
import { compareLines, imageAdvice } from '../core/advice/imageAdvice';
import { contextAdvice } from '../core/advice/contextAdvice';
import type { Advice } from '../core/advice/advice';
import { argumentAdvice } from '../core/advice/argumentAdvice';
import { manifestAdvice, type CommitFiles } from '../core/advice/manifestAdvice';
import { parseDockerfile } from '../core/dockerfile/dockerfile';
import type { Instruction } from '../core/dockerfile/instruction';
import { formatBytes, formatDuration, type ByteUnits, type LineRange, type Prediction } from '../core/model';
import { recentChanges } from '../core/node/git/recentChanges';
import type { ReadImage } from '../core/node/image/findImage';
import type { ImageOnEngine } from '../core/node/image/imageLibrary';
import type { Analysis } from './analysis';
import { makersOf } from './images/makers';

/** Milliseconds of rest before advice is looked for: predictions come first. */
const SETTLE = 1500;
/** Milliseconds that the list of the last commits is taken for the present one. */
const COMMITS_KEPT = 60_000;

/** An image that was read, with its steps. */
export interface AdvisedImage {
  readonly image: ImageOnEngine;
  readonly read: ReadImage;
}

/** Keeps what is advised for each open Dockerfile: from its build context, and from its image once that was read. */
export class AdviceBook {
  private readonly known = new Map<string, readonly Advice[]>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** Images that were read, by id. */
  private readonly images = new Map<string, AdvisedImage>();

  private readonly commits = new Map<string, { readonly at: number; readonly files: readonly CommitFiles[] }>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    /** There is other advice for a Dockerfile. */
    private readonly changed: (analysis: Analysis) => void,
  ) {}

  /** What is advised for a Dockerfile, as far as it was looked for. */
  of(uri: string): readonly Advice[] {
    return this.known.get(uri) ?? [];
  }

  /** Looks for advice after a while. */
  soon(analysis: Analysis): void {
    clearTimeout(this.timers.get(analysis.uri));
    this.timers.set(analysis.uri, setTimeout(() => void this.lookWithCommits(analysis), SETTLE).unref());
  }

  /** An image was read: whoever's Dockerfile made it gets advice. */
  imageRead(advised: AdvisedImage, analyses: readonly Analysis[]): void {
    this.images.delete(advised.image.id);
    this.images.set(advised.image.id, advised);
    for (const oldest of [...this.images.keys()].slice(0, -4)) this.images.delete(oldest);
    for (const analysis of analyses) this.soon(analysis);
  }

  closed(uri: string): void {
    clearTimeout(this.timers.get(uri));
    this.timers.delete(uri);
    this.known.delete(uri);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private async lookWithCommits(analysis: Analysis): Promise<void> {
    const { contextPath, settings } = analysis;
    const isWanted = settings?.adviceEnabled === true && contextPath !== undefined;
    const commits = isWanted ? await this.commitsOf(contextPath) : [];
    // it may have been closed meanwhile
    if (this.timers.has(analysis.uri)) this.look(analysis, commits);
  }

  /** The last commits of a build context; asked for again after a while. */
  private async commitsOf(folder: string): Promise<readonly CommitFiles[]> {
    const known = this.commits.get(folder);
    if (known !== undefined && Date.now() - known.at < COMMITS_KEPT) return known.files;
    const files = await recentChanges(folder, this.env);
    this.commits.set(folder, { at: Date.now(), files });
    return files;
  }

  private look(analysis: Analysis, commits: readonly CommitFiles[]): void {
    const { settings } = analysis;
    const prediction = analysis.current();
    if (settings === undefined || prediction === undefined) return;
    const advice: Advice[] = [];
    if (settings.adviceEnabled) {
      const least = settings.adviceMinMegabytes * 1_000_000;
      const { instructions } = parseDockerfile(analysis.document.getText()).value;
      const { ballast, manifests } = ofFiles(analysis, prediction, instructions, commits, least);
      const ofImage = this.ofImage(analysis, prediction, instructions, least);
      advice.push(...ballast, ...ofImage, ...argumentAdvice(prediction, instructions, formatDuration), ...manifests);
    }
    advice.sort(compareLines);
    if (isDeepStrictEqual(advice, this.of(analysis.uri))) return;
    this.known.set(analysis.uri, advice);
    this.changed(analysis);
  }

  /** From the newest image that this Dockerfile made, of those that were read. */
  private ofImage(
    { uri, settings }: Analysis,
    prediction: Prediction,
    instructions: readonly Instruction[],
    least: number,
  ): readonly Advice[] {
    const newest = [...this.images.values()].sort((a, b) => (b.image.created ?? 0) - (a.image.created ?? 0));
    for (const { image, read } of newest) {
      const makers = makersOf(image, [{ uri, prediction }]);
      if (makers.size === 0) continue;
      const lines: (number | undefined)[] = [];
      for (const [step, { diffId }] of image.steps.entries()) {
        const line = makers.get(step)?.line;
        if (diffId !== undefined) lines.push(line === undefined ? undefined : line + 1);
      }
      return imageAdvice({ analysis: read.analysis, lines, instructions }, least, writer(settings?.units ?? 'si'));
    }
    return [];
  }
}

/** From what the build takes of its context. */
function ofFiles(
  analysis: Analysis,
  prediction: Prediction,
  instructions: readonly Instruction[],
  commits: readonly CommitFiles[],
  least: number,
): { readonly ballast: readonly Advice[]; readonly manifests: readonly Advice[] } {
  const taken = analysis.takenFiles();
  if (taken === undefined) return { ballast: [], manifests: [] };
  const lines = new Map<string, readonly LineRange[]>();
  const takenBy = (path: string): readonly LineRange[] => {
    const known = lines.get(path) ?? analysis.linesTaking(path);
    lines.set(path, known);
    return known;
  };
  const takes = (path: string, line: number): boolean => takenBy(path).some(({ start }) => start === line);
  const isTaken = (path: string): boolean => [...taken].some((node) => node.path === path);
  const effect = (pattern: string): string | undefined => analysis.whatIf.ignored(pattern);
  const write = writer(analysis.settings?.units ?? 'si');
  return {
    ballast: contextAdvice({ taken, takenBy }, least, write, effect),
    manifests: manifestAdvice({ prediction, instructions, takes, isTaken, commits }, formatDuration),
  };
}

function writer(units: ByteUnits): (bytes: number) => string {
  return (bytes) => formatBytes(bytes, units);
}
