import * as vscode from 'vscode';
import {
  formatBytes,
  formatDuration,
  type BuildStep,
  type ByteUnits,
  type PulledLayer,
  type StepComparison,
  type StepProgress,
} from '../../core/model';

/** How a line of a build is coloured; its words say the same. */
export type Tone = 'quiet' | 'running' | 'good' | 'warning' | 'failed';

/** What stands behind an instruction while it is built and afterwards. */
export interface LineWords {
  readonly text: string;
  readonly tone: Tone;
}

/** Most characters of what a builder said that stand on a line. */
const MAX_ERROR = 90;

/** How BuildKit, the classic builder and Buildah end their words about a command that failed. */
const EXIT_CODE = /(?:did not complete successfully: exit code: |returned a non-zero code: |: exit status )(\d+)$/;

/** What stands behind an instruction; nothing where nothing is done. */
export function stepWords(
  step: BuildStep,
  now: number,
  units: ByteUnits,
  comparison?: StepComparison,
): LineWords | undefined {
  switch (step.state) {
    case 'waiting':
      return { text: vscode.l10n.t('waiting'), tone: 'quiet' };
    case 'running':
      return { text: runningWords(step, now, units), tone: 'running' };
    case 'cached':
      return compared(vscode.l10n.t('cached'), comparison);
    case 'done':
      return compared(doneWords(step), comparison);
    case 'failed':
      return {
        text: [vscode.l10n.t('failed'), errorLine(step)].filter((part) => part !== '').join(' · '),
        tone: 'failed',
      };
    case 'canceled':
      return { text: vscode.l10n.t('stopped'), tone: 'quiet' };
    case 'not-reached':
      return { text: vscode.l10n.t('not reached'), tone: 'quiet' };
    case 'unused':
    case 'no-layer':
      return undefined;
  }
}

/** `12.3 MB / 40 MB`; without a total `12.3 MB`. */
export function bytesWords({ current, total }: Pick<StepProgress, 'current' | 'total'>, units: ByteUnits): string {
  const have = formatBytes(current, units);
  return total === null ? have : `${have} / ${formatBytes(total, units)}`;
}

/** Seconds that pass: `4 s`, `2 m 5 s`; empty in the first second. */
export function elapsedWords(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return '';
  return seconds < 120 ? `${seconds} s` : formatDuration(seconds * 1000);
}

/** What is fetched of an image as one progress; undefined where nothing has to be. */
export function pullProgress(layers: readonly PulledLayer[]): StepProgress | undefined {
  const fetched = layers.filter(({ state }) => state !== 'exists');
  if (fetched.length === 0) return undefined;
  const done = fetched.filter(({ state }) => state === 'done').length;
  const totals = fetched.map(({ total }) => total);
  return {
    what: vscode.l10n.t('{0} of {1} layers', done, fetched.length),
    current: fetched.reduce((sum, { current }) => sum + current, 0),
    total: totals.every((total) => total !== null) ? totals.reduce((sum, total) => sum + total, 0) : null,
  };
}

function runningWords(step: BuildStep, now: number, units: ByteUnits): string {
  const elapsed = step.startedAt === null ? '' : elapsedWords(now - step.startedAt);
  const pull = pullProgress(step.layers);
  // of several transfers the largest is what is waited for
  const transfer = [...step.progress].sort((one, other) => (other.total ?? 0) - (one.total ?? 0))[0];
  const progress = pull ?? transfer;
  return [
    elapsed === '' ? vscode.l10n.t('running') : vscode.l10n.t('running {0}', elapsed),
    ...(pull === undefined ? [] : [pull.what]),
    ...(progress === undefined || progress.current + (progress.total ?? 0) === 0 ? [] : [bytesWords(progress, units)]),
  ].join(' · ');
}

function doneWords({ durationMs }: BuildStep): string {
  return durationMs === null ? vscode.l10n.t('done') : vscode.l10n.t('done {0}', formatDuration(durationMs));
}

function compared(text: string, comparison: StepComparison | undefined): LineWords {
  if (comparison === undefined || comparison.verdict === 'open') return { text, tone: 'good' };
  if (comparison.verdict === 'right') return { text: `${text} · ${vscode.l10n.t('as predicted')}`, tone: 'good' };
  return { text: `${text} · ${surpriseWords(comparison)}`, tone: 'warning' };
}

function surpriseWords({ predicted, actual }: StepComparison): string {
  if (predicted === 'cached' && actual === 'executed') return vscode.l10n.t('rebuilt although predicted cached');
  if (predicted === 'rebuild' && actual === 'cached') return vscode.l10n.t('cached although a rebuild was predicted');
  if (predicted === 'fails') return vscode.l10n.t('although a failure was predicted');
  return vscode.l10n.t('not as predicted');
}

/** Of a command that failed, what it said last: that of the builder only repeats the command. */
function errorLine({ error, lastOutput }: BuildStep): string {
  const said = firstLine(error ?? '');
  const code = EXIT_CODE.exec((error ?? '').trim())?.[1];
  const last = lastOutput.findLast((line) => line.trim() !== '') ?? '';
  const words =
    code === undefined
      ? said || last
      : [vscode.l10n.t('exit code: {0}', code), last].filter((part) => part !== '').join(' · ');
  const line = words.trim().replace(/\s+/g, ' ');
  return line.length > MAX_ERROR ? `${line.slice(0, MAX_ERROR - 1)}…` : line;
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
