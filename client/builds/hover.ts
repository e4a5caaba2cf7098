import * as vscode from 'vscode';
import {
  formatBytes,
  formatDuration,
  type BuildStep,
  type ByteUnits,
  type PulledLayer,
  type StepComparison,
} from '../../core/model';
import type { BuildView } from '../../server/protocol';
import { bytesWords, stepWords } from './words';

/** Layers and transfers that are listed one by one. */
const MAX_LISTED = 12;

/** What the pointer shows over an instruction that is or was built, as markdown without links. */
export function hoverText(view: BuildView, step: BuildStep, comparison: StepComparison | undefined): string {
  const { units, live } = view;
  const words = stepWords(step, Date.now(), units, comparison)?.text ?? '';
  const parts = [
    `**${escapeMarkdown(view.title)}** · ${escapeMarkdown(words)}`,
    ...timesAndBytes(step, comparison, units),
    ...listed(step.layers.map((layer) => layerLine(layer, units))),
    ...listed(step.progress.map((one) => `${inCode(one.what)} ${bytesWords(one, units)}`)),
    ...(step.error === null ? [] : [fenced(step.error)]),
    ...(step.lastOutput.length === 0 ? [] : [fenced(step.lastOutput.join('\n'))]),
    ...(live.state === 'failed' && step.state === 'failed' && step.error === null ? [fenced(live.error ?? '')] : []),
  ];
  return parts.join('\n\n');
}

/** A text as a block of code, whatever is in it. */
export function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** A text in which nothing is markdown. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!~<>|&$]/g, '\\$&').replace(/\n/g, ' ');
}

function timesAndBytes(step: BuildStep, comparison: StepComparison | undefined, units: ByteUnits): string[] {
  const lines: string[] = [];
  const last = comparison?.lastDurationMs ?? step.lastDurationMs;
  if (last !== null && step.state !== 'cached') lines.push(vscode.l10n.t('Last time {0}', formatDuration(last)));
  if (comparison !== undefined && comparison.bytes !== null) {
    const bytes = formatBytes(comparison.bytes, units);
    lines.push(
      comparison.lastBytes === null
        ? vscode.l10n.t('Layer {0}', bytes)
        : vscode.l10n.t('Layer {0}, last time {1}', bytes, formatBytes(comparison.lastBytes, units)),
    );
  }
  return lines.length === 0 ? [] : [lines.join(' · ')];
}

function layerLine(layer: PulledLayer, units: ByteUnits): string {
  const name = inCode(layer.layer);
  // not every builder tells how many there are, and what the engine had already is unpacked without being fetched
  const bytes = layer.total === null && layer.current === 0 ? '' : ` ${bytesWords(layer, units)}`;
  switch (layer.state) {
    case 'exists': {
      const size = layer.total === null || layer.total === 0 ? '' : ` ${formatBytes(layer.total, units)}`;
      return `${vscode.l10n.t('{0} already there', name)}${size}`;
    }
    case 'waiting':
      return vscode.l10n.t('{0} waiting', name);
    case 'downloading':
      return `${vscode.l10n.t('{0} downloading', name)}${bytes}`;
    case 'extracting':
      return `${vscode.l10n.t('{0} extracting', name)}${bytes}`;
    case 'done':
      return `${vscode.l10n.t('{0} done', name)}${bytes === '' ? '' : ` ${formatBytes(layer.total ?? layer.current, units)}`}`;
  }
}

function inCode(text: string): string {
  return `\`${text.replaceAll('`', "'").replace(/\s+/g, ' ')}\``;
}

function listed(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - MAX_LISTED;
  const shown = lines.slice(0, MAX_LISTED).map((line) => `- ${line}`);
  return [[...shown, ...(more > 0 ? [`- ${vscode.l10n.t('and {0} more', more)}`] : [])].join('\n')];
}
