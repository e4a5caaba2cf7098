import { basename } from 'node:path';
import { buildRows, chainRows, findBuild } from '../../core/ledger/builds';
import { accuracyInWords } from '../../core/ledger/accuracy';
import { chainReproductionOf, reproductionOf } from '../../core/ledger/reproduction';
import { accuracyReport, explanationReport, timeInWords } from '../../core/ledger/words';
import { classInWords } from '../../core/ledger/verdictClass';
import { formatDuration } from '../../core/model';
import { chainName, explainChain, keptChains, type ChainSide } from '../../core/node/ledger/chainExplainer';
import { explain, type Side } from '../../core/node/ledger/explainer';
import type { ChainResult } from '../../core/node/ledger/observeChains';
import type { Analysis } from '../analysis';
import type { PresentState } from '../answers';
import type { ServerLedger } from '../ledger';
import type { BuildChoice } from '../protocol';

/** What would be built now, in place of the id of a build. */
const NOW = 'now';
const SHOWN = 12;

/** How often predictions were right, as a text. */
export function accuracyText(ledger: ServerLedger): string {
  return accuracyReport(ledger.accuracy);
}

/** The same in a few words; null before there was anything to judge. */
export function accuracyWords(ledger: ServerLedger): string | null {
  return accuracyInWords(ledger.accuracy) ?? null;
}

/** The builds of an open Dockerfile that can be compared, newest first. */
export async function buildChoices(analysis: Analysis, ledger: ServerLedger): Promise<readonly BuildChoice[]> {
  const present = analysis.present();
  if (present === undefined) return [];
  const { evidence, chain, context } = present;
  const file = { context: context.root, dockerfile: analysis.dockerfile };
  const rows =
    chain === undefined
      ? buildRows(evidence?.builds ?? [], [], file)
      : chainRows(await keptChains(ledger.store, chain, file));
  return rows
    .filter(({ result }) => result === 'completed')
    .map(({ ref, startedAt, durationMs, cached, executed }) => ({
      ref,
      label: timeInWords(startedAt),
      description: ref.slice(0, SHOWN),
      detail: `${cached} cached, ${executed} executed, ${formatDuration(durationMs)}`,
    }));
}

/** The first difference of two builds of an open Dockerfile (or of one and now) as a text. */
export async function explainBuilds(
  analysis: Analysis,
  ledger: ServerLedger,
  before: string,
  after: string,
): Promise<string> {
  const present = analysis.present();
  if (present?.chain !== undefined) return explainChains(analysis, ledger, present, present.chain, [before, after]);
  if (present?.evidence === undefined) return 'There is no engine to ask for past builds.\n';
  const { evidence, context, project } = present;
  const side = (name: string): Side | string => {
    if (name !== NOW) return findBuild(evidence.builds, name);
    const { buildkit } = project();
    if (buildkit === undefined) return 'what this builder would do now is not compared with past builds';
    return {
      ...{ made: buildkit, context: context.root, tree: context.index.tree, patterns: context.rules?.patterns ?? [] },
      read: (nodes) => context.read(nodes),
    };
  };
  const [from, to] = [side(before), side(after)];
  if (typeof from === 'string') return `${from}\n`;
  if (typeof to === 'string') return `${to}\n`;
  const explanation = await explain(ledger.store, evidence, from, to);
  const names = { before: nameOf(from), after: nameOf(to) };
  return `${analysis.dockerfile}\n${explanationReport(names, explanation)}`;
}

async function explainChains(
  { dockerfile }: Analysis,
  ledger: ServerLedger,
  { context, project }: PresentState,
  result: ChainResult,
  names: readonly [before: string, after: string],
): Promise<string> {
  const file = { context: context.root, dockerfile };
  const kept = await keptChains(ledger.store, result, file);
  const present = (): ChainSide => ({
    ...{ made: project(), tree: context.index.tree, patterns: context.rules?.patterns ?? [] },
    read: (nodes) => context.read(nodes),
  });
  const side = (name: string): ChainSide | string => (name === NOW ? present() : findBuild(kept, name));
  const [from, to] = [side(names[0]), side(names[1])];
  if (typeof from === 'string') return `${from}\n`;
  if (typeof to === 'string') return `${to}\n`;
  const explanation = await explainChain(result.kind, file, from, to);
  return `${dockerfile}\n${explanationReport({ before: chainName(from), after: chainName(to) }, explanation)}`;
}

/** The builds that contradicted a verdict, newest first. */
export function mistakes(ledger: ServerLedger): readonly BuildChoice[] {
  const byRef = new Map<string, BuildChoice>();
  for (const { ref, at, dockerfile, line, class: name, actual } of ledger.accuracy.mistakes) {
    const what = `line ${line}: ${classInWords(name)}, ${actual}`;
    const known = byRef.get(ref);
    const detail = known === undefined ? what : `${known.detail}; ${what}`;
    byRef.set(ref, {
      ref,
      label: timeInWords(at),
      description: `${basename(dockerfile)} ${ref.slice(0, SHOWN)}`,
      detail,
    });
  }
  return [...byRef.values()];
}

/** What is kept of a build, as JSON without contents; null when it is nothing. */
export async function reproduction(ledger: ServerLedger, ref: string): Promise<string | null> {
  const kept = await ledger.store.kept(ref);
  if (kept !== undefined) return `${JSON.stringify(reproductionOf(kept, ledger.builds), null, 2)}\n`;
  const chain = await ledger.store.keptChain(ref);
  return chain === undefined ? null : `${JSON.stringify(chainReproductionOf(chain), null, 2)}\n`;
}

function nameOf(side: Side): string {
  return 'made' in side ? NOW : `build ${side.ref.slice(0, SHOWN)} (${timeInWords(side.createdAt)})`;
}
