import type { BuildStep, LiveBuild, StepComparison } from '../../../core/model';
import type { BuildView } from '../../../server/protocol';

/** An instruction of a build that waits. */
export function step(line: number, more: Partial<BuildStep> = {}): BuildStep {
  return {
    line: { start: line, end: line },
    stage: '0',
    stageIndex: 0,
    instruction: 'RUN',
    text: 'RUN make',
    state: 'waiting',
    startedAt: null,
    durationMs: null,
    progress: [],
    layers: [],
    lastOutput: [],
    error: null,
    predicted: 'rebuild',
    lastDurationMs: null,
    ...more,
  };
}

/** What came of a step, as predicted. */
export function comparison(line: number, more: Partial<StepComparison> = {}): StepComparison {
  return {
    line: { start: line, end: line },
    instruction: 'RUN',
    text: 'RUN make',
    predicted: 'rebuild',
    actual: 'executed',
    verdict: 'right',
    durationMs: null,
    lastDurationMs: null,
    bytes: null,
    lastBytes: null,
    ...more,
  };
}

/** A build that runs. */
export function view(live: Partial<LiveBuild> = {}, more: Partial<BuildView> = {}): BuildView {
  return {
    id: 'b1',
    uri: 'file:///shop/Dockerfile',
    title: 'shop:latest',
    live: {
      state: 'running',
      builder: 'buildkit',
      startedAt: 0,
      durationMs: null,
      steps: [],
      besides: [],
      image: null,
      error: null,
      exitCode: null,
      ...live,
    },
    comparison: [],
    summary: '',
    tags: [],
    units: 'si',
    ...more,
  };
}
