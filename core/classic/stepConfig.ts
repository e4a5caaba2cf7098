import type { HealthcheckValues } from '../dockerfile/healthcheck';

/** What of an image's configuration decides a hit, besides the command (moby image/cache/compare.go). */
export interface StepConfig {
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly onbuild: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly shell: readonly string[];
  readonly healthcheck: HealthcheckValues | undefined;
}

/** The configuration of an empty image. */
export const EMPTY_CONFIG: StepConfig = {
  env: [],
  labels: {},
  volumes: [],
  onbuild: [],
  workingDir: '',
  user: '',
  shell: [],
  healthcheck: undefined,
};

/** What the builder puts before `#(nop)` and the text of a RUN where no SHELL says otherwise. */
export const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];

/** Is it the same for the cache? Which shell it is shows in the command. */
export function sameConfig(a: StepConfig, b: StepConfig): boolean {
  return (
    sameList(a.env, b.env) &&
    sameList(a.onbuild, b.onbuild) &&
    sameSet(a.volumes, b.volumes) &&
    sameLabels(a.labels, b.labels) &&
    a.workingDir === b.workingDir &&
    a.user === b.user &&
    sameHealthcheck(a.healthcheck, b.healthcheck)
  );
}

export function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return left.size === right.size && [...left].every((one) => right.has(one));
}

function sameLabels(a: StepConfig['labels'], b: StepConfig['labels']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function sameHealthcheck(a: HealthcheckValues | undefined, b: HealthcheckValues | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    sameList(a.test, b.test) &&
    a.interval === b.interval &&
    a.timeout === b.timeout &&
    a.startPeriod === b.startPeriod &&
    a.startInterval === b.startInterval &&
    a.retries === b.retries
  );
}
