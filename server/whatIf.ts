import { isAbsolute, relative, sep } from 'node:path';
import type { FileCost } from '../core/predict/editCost';
import type { ProjectPrediction } from '../core/predict/project';
import { lostSteps, type TakenAway } from '../core/predict/without';
import type { ProjectParts } from './makeProject';

/** What is predicted at the moment, and what would be otherwise. */
export interface WhatIfState {
  readonly project: ProjectPrediction;
  /** Absolute path of the build context; undefined where its files may not be looked at. */
  readonly contextPath: string | undefined;
  /** A commit counts as the last build: nothing is known of an engine. */
  readonly comparesWithCommit: boolean;
  /** The engine has answered. */
  readonly knowsEngine: boolean;
  /** What would be predicted with some parts as they are not. */
  readonly make: (otherwise: Pick<ProjectParts, 'morePatterns' | 'taken'>) => ProjectPrediction;
}

/** Questions what would become of one Dockerfile's build if something were not as it is. Reads nothing. */
export class WhatIf {
  /** @param now undefined where nothing is predicted */
  constructor(private readonly now: () => WhatIfState | undefined) {}

  /** What a change of a file (an absolute path) makes the builder execute; undefined when nothing is known. */
  changed(path: string): FileCost | undefined {
    const { contextPath, project } = this.now() ?? {};
    if (contextPath === undefined || project === undefined) return undefined;
    const below = relative(contextPath, path);
    if (below === '' || below.startsWith('..') || isAbsolute(below)) return undefined;
    return project.costOf(below.replaceAll(sep, '/'));
  }

  /** What the next build would do otherwise if a pattern were in the ignore file, in words; undefined: nothing else. */
  ignored(pattern: string): string | undefined {
    const state = this.now();
    if (state === undefined || state.comparesWithCommit) return undefined;
    const lost = lostSteps(state.project.prediction, state.make({ morePatterns: [pattern] }).prediction);
    const lines = lost.map(({ then }) => then.line.start);
    if (lines.length === 0) return undefined;
    return `Once it is ignored, ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')} will not be taken from the cache one time.`;
  }

  /**
   * The steps that are in the cache now and would not be without some things of the engine; undefined where that cannot
   * be told: nothing was looked at yet, or a commit counts as the last build.
   */
  without(taken: TakenAway): ReturnType<typeof lostSteps> | undefined {
    const state = this.now();
    if (state === undefined || state.comparesWithCommit || !state.knowsEngine) return undefined;
    return lostSteps(state.project.prediction, state.make({ taken }).prediction);
  }
}
