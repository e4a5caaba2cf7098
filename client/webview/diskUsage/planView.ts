import { html, nothing, type TemplateResult } from 'lit';
import {
  commandText,
  formatDuration,
  type ByteUnits,
  type DiskPlan,
  type LostSteps,
  type PlannedRemoval,
  type ReclaimItem,
  type ReclaimOutcome,
  type ReclaimPlan,
} from '../../../core/model';
import { bytesText, counted, exactBytes } from './words';

/** What can be done with a plan. */
export interface PlanActions {
  readonly carryOut: () => void;
  readonly close: () => void;
  readonly copy: (text: string) => void;
  readonly open: (uri: string, line: number) => void;
}

const KINDS: Readonly<Record<ReclaimItem['kind'], string>> = {
  container: 'Container',
  image: 'Image',
  'build-cache': 'Build cache',
  volume: 'Volume',
};

const VERDICTS: Readonly<Record<string, string>> = {
  rebuild: 'will run again',
  'may-hit': 'may have to run again',
  fails: 'will fail',
  unknown: 'cannot be told any more',
};

/** `3.2 GB`, or the range where it is not certain. */
export function freedText({ freesAtLeast, freesAtMost }: ReclaimPlan, units: ByteUnits): string {
  if (freesAtLeast === freesAtMost) return bytesText(freesAtLeast, units);
  return `${bytesText(freesAtLeast, units)} to ${bytesText(freesAtMost, units)}`;
}

/** What would go, what comes free, what it costs; and the one button that does it. */
export function planView(
  { plan, lost, dockerfiles, notCovered }: DiskPlan,
  units: ByteUnits,
  isRemoving: boolean,
  actions: PlanActions,
): TemplateResult {
  const { items, refused } = plan;
  const confirm = `Remove ${counted(items.length, 'item')}, ${freedText(plan, units)}`;
  const lines = plan.commands.map(commandText);
  const rebuildMs = items.reduce((sum, { rebuildMs: ms }) => sum + (ms ?? 0), 0);
  return html`<section class="plan" aria-labelledby="plan-title">
    <h2 id="plan-title" tabindex="-1">Plan of a removal</h2>
    <p>Nothing has been touched. Exactly what is listed here would be removed, and nothing else.</p>
    ${
      items.length === 0
        ? html`<p><strong>Nothing of it can be removed.</strong></p>`
        : html`<p class="frees">
              Comes free: <strong>${freedText(plan, units)}</strong>
              (${
                plan.freesAtLeast === plan.freesAtMost
                  ? `exactly ${exactBytes(plan.freesAtLeast)}`
                  : `at least ${exactBytes(plan.freesAtLeast)}, at most ${exactBytes(plan.freesAtMost)}`
              })
              ${plan.uncertainty === '' ? nothing : html`<span class="why">${plan.uncertainty}</span>`}
            </p>
            ${itemTable(items, units)}`
    }
    ${listOf(
      'Not in the plan',
      refused.map(({ item, why }) => html`<strong>${KINDS[item.kind]} ${item.name}</strong>: ${why}`),
    )}
    ${listOf(
      'Stays although it looks as if it went',
      plan.stays.map(
        ({ bytes, why }) => html`<strong title=${exactBytes(bytes)}>${bytesText(bytes, units)}</strong>: ${why}`,
      ),
    )}
    ${
      items.length === 0
        ? nothing
        : html`<h3>What the next builds would lose</h3>
            ${rebuildMs === 0 ? nothing : html`<p>Making it again took ${formatDuration(rebuildMs)} when it was last done.</p>`}
            ${lost.map((one) => lostSteps(one, actions))}
            ${
              lost.length === 0
                ? html`<p>
                    ${dockerfiles === 0 ? 'No open Dockerfile was looked at.' : `None of the ${counted(dockerfiles, 'open Dockerfile')} loses a step.`}
                  </p>`
                : nothing
            }
            <ul class="quiet">
              ${notCovered.map((text) => html`<li>${text}</li>`)}
            </ul>
            <h3>The same as commands</h3>
            <pre class="commands" tabindex="0" aria-label="Commands">${lines.join('\n')}</pre>
            <vscode-button secondary icon="copy" @click=${() => actions.copy(lines.join('\n'))}
              >Copy Commands</vscode-button
            >`
    }
    <div class="buttons">
      ${
        items.length === 0
          ? nothing
          : html`<vscode-button class="confirm" icon="trash" ?disabled=${isRemoving} @click=${actions.carryOut}
              >${confirm}</vscode-button
            >`
      }
      <vscode-button secondary ?disabled=${isRemoving} @click=${actions.close}>Back, Remove Nothing</vscode-button>
    </div>
  </section>`;
}

function itemTable(items: readonly PlannedRemoval[], units: ByteUnits): TemplateResult {
  return html`<div class="box short" tabindex="0" role="region" aria-label="What would be removed">
    <table class="items">
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col">Name</th>
          <th scope="col" class="number">Frees</th>
          <th scope="col" class="number">To make again</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr>
              <td>${KINDS[item.kind]}</td>
              <th scope="row" title=${item.id}>${item.name}</th>
              <td class="number" title=${exactBytes(item.bytes)}>${bytesText(item.bytes, units)}</td>
              <td class="number">${item.rebuildMs === null ? '' : formatDuration(item.rebuildMs)}</td>
              <td>${item.isRequired ? 'has to go with the others' : 'was asked for'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function lostSteps({ uri, dockerfile, steps, estimatedMs }: LostSteps, { open }: PlanActions): TemplateResult {
  const cost = estimatedMs === 0 ? '' : `, about ${formatDuration(estimatedMs)} by what they took last`;
  return html`<p>${dockerfile}: ${counted(steps.length, 'step')} would not be in the cache${cost}</p>
    <ul>
      ${steps.map(
        ({ line, text, verdict, lastDurationMs }) =>
          html`<li>
            <button class="link" @click=${() => open(uri, line)}>Line ${line + 1}</button>
            <code>${text}</code>
            ${VERDICTS[verdict] ?? verdict}${lastDurationMs === null ? '' : `, ${formatDuration(lastDurationMs)} last time`}
          </li>`,
      )}
    </ul>`;
}

function listOf(title: string, entries: readonly TemplateResult[]): TemplateResult | typeof nothing {
  if (entries.length === 0) return nothing;
  return html`<h3>${title}</h3>
    <ul>
      ${entries.map((entry) => html`<li>${entry}</li>`)}
    </ul>`;
}

/** What came of it: the engine's word beside the next measurement. */
export function outcomeView(
  outcome: ReclaimOutcome,
  plan: ReclaimPlan,
  units: ByteUnits,
  close: () => void,
): TemplateResult {
  const { removed, failed, engineBytes, measuredBytes } = outcome;
  const row = (what: string, bytes: number | null, missing: string): TemplateResult =>
    html`<tr>
      <th scope="row">${what}</th>
      <td class="number">${bytes === null ? missing : bytesText(bytes, units)}</td>
      <td class="number">${bytes === null ? '' : exactBytes(bytes)}</td>
    </tr>`;
  return html`<section class="outcome" aria-labelledby="outcome-title">
    <h2 id="outcome-title" tabindex="-1">Removed ${counted(removed.length, 'item')}</h2>
    <table class="figures">
      <caption class="hidden">
        What came free
      </caption>
      <tbody>
        ${row('The plan said, at least', plan.freesAtLeast, '')}
        ${plan.freesAtMost === plan.freesAtLeast ? nothing : row('The plan said, at most', plan.freesAtMost, '')}
        ${row('The engine says', engineBytes, 'it does not say')}
        ${row('By the next measurement', measuredBytes, 'not measured again')}
      </tbody>
    </table>
    ${listOf(
      'Not removed',
      failed.map(({ item, why }) => html`<strong>${KINDS[item.kind]} ${item.name}</strong>: ${why}`),
    )}
    <vscode-button @click=${close}>Close</vscode-button>
  </section>`;
}
