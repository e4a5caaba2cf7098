import { looksSecret, type BuildStep, type LiveBuild } from '../../core/model';

/** Shorter values are in too many words, and no secrets. */
const SHORTEST = 4;

/** Takes values that nobody should read out of what a builder prints: a command may well print its arguments. */
export class HiddenValues {
  private readonly values: readonly string[];

  /** @param buildArgs those whose names look like secrets are hidden */
  constructor(buildArgs: Readonly<Record<string, string>>) {
    this.values = Object.entries(buildArgs)
      .flatMap(([name, value]) => (looksSecret(name) && value.length >= SHORTEST ? [value] : []))
      // one may be within another
      .sort((one, other) => other.length - one.length);
  }

  in(text: string): string {
    return this.values.reduce((rest, value) => rest.replaceAll(value, '…'), text);
  }

  inBuild(live: LiveBuild): LiveBuild {
    if (this.values.length === 0) return live;
    const { error, steps } = live;
    return { ...live, error: error === null ? null : this.in(error), steps: steps.map((step) => this.inStep(step)) };
  }

  private inStep(step: BuildStep): BuildStep {
    const { error, lastOutput } = step;
    return {
      ...step,
      error: error === null ? null : this.in(error),
      lastOutput: lastOutput.map((line) => this.in(line)),
    };
  }
}
