import { html, nothing, type TemplateResult } from 'lit';
import { partsByMaker, type ByteUnits, type DiskPart, type DiskReport, type NotMeasured } from '../../../core/model';
import { sharedExample, type SharedExample } from './example';
import { BASIS_WORDS, bytesText, counted, exactBytes, shareText } from './words';

const STORES: Readonly<Record<DiskReport['storage']['store'], string>> = {
  'graph-driver': 'graph driver',
  containerd: 'containerd image store',
  podman: 'Podman storage',
};

const COUNTS: Readonly<Record<DiskReport['storage']['counts'], string>> = {
  files: 'bytes of files',
  blocks: 'blocks on disk, directories included',
  archives: 'bytes of the layers’ archives',
};

/** Which engine, and how it keeps its data. */
export function engineFacts({ engine, storage }: DiskReport): TemplateResult {
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const where = engine.isLocal ? engine.endpoint : `${engine.endpoint} (another machine)`;
  return html`<dl class="facts">
    <div>
      <dt>Engine</dt>
      <dd>${name} ${engine.version}${engine.isRootless ? ', rootless' : ''}</dd>
    </div>
    <div>
      <dt>At</dt>
      <dd class="path">${where}</dd>
    </div>
    <div>
      <dt>Storage driver</dt>
      <dd>${storage.driver} (${STORES[storage.store]})</dd>
    </div>
    <div>
      <dt>Data root</dt>
      <dd class="path">${storage.root || 'not told'}</dd>
    </div>
    <div>
      <dt>Sizes count</dt>
      <dd>${COUNTS[storage.counts]}</dd>
    </div>
  </dl>`;
}

/**
 * The total and its parts; what the engine keeps for itself is one row that can be opened.
 * @param planUnused plans the removal of all that nothing uses
 */
export function totals(report: DiskReport, units: ByteUnits, planUnused: () => void): TemplateResult {
  const { bytes, reclaimableBytes } = report.totals;
  const { made, ofEngine, engineBytes } = partsByMaker(report);
  return html`<section class="totals" aria-labelledby="total-title">
    <h2 id="total-title">On disk: <span class="total">${bytesText(bytes, units)}</span></h2>
    <p>
      ${exactBytes(bytes)}, each counted once. Of it ${bytesText(reclaimableBytes, units)} would come free if all that
      nothing uses were removed, volumes apart.
      ${reclaimableBytes === 0 ? nothing : html`<button class="link plan-unused" @click=${planUnused}>Plan That…</button>`}
    </p>
    ${partTable('The parts of the total', made, bytes, units)}
    ${
      ofEngine.length === 0
        ? nothing
        : html`<details class="of-engine">
            <summary>
              <span class="swatch housekeeping" aria-hidden="true"></span>The engine’s own:
              ${bytesText(engineBytes, units)}, ${shareText(engineBytes, bytes)}
            </summary>
            ${partTable('What the engine keeps for itself', ofEngine, bytes, units)}
          </details>`
    }
  </section>`;
}

function partTable(caption: string, parts: readonly DiskPart[], whole: number, units: ByteUnits): TemplateResult {
  return html`<table class="parts">
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Part</th>
        <th scope="col" class="number">Bytes</th>
        <th scope="col" class="number">Share</th>
        <th scope="col" class="number">Unused</th>
        <th scope="col">Known</th>
      </tr>
    </thead>
    <tbody>
      ${parts.map(
        (part) =>
          html`<tr>
            <th scope="row" title=${part.directory ?? ''}>
              <span class="swatch ${part.kind}" aria-hidden="true"></span>${part.label}
            </th>
            <td class="number" title=${exactBytes(part.bytes)}>${bytesText(part.bytes, units)}</td>
            <td class="number">${shareText(part.bytes, whole)}</td>
            <td class="number">${part.reclaimableBytes === 0 ? '' : bytesText(part.reclaimableBytes, units)}</td>
            <td>${BASIS_WORDS[part.basis]}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** How the total follows from what the engine's own commands print, and why adding up virtual sizes does not. */
export function derivation(report: DiskReport, units: ByteUnits): TemplateResult {
  const { derivation: rows, virtualSum } = report.totals;
  const program = report.engine.kind;
  const example = sharedExample(report);
  return html`<table class="derivation">
      <caption>
        How the total follows from what ${program} prints
      </caption>
      <thead class="hidden">
        <tr>
          <th scope="col">Sign</th>
          <th scope="col">What</th>
          <th scope="col">Bytes</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ sign, label, bytes, note }) =>
            html`<tr class=${sign === '=' ? 'result' : ''}>
              <td class="sign">${sign === '-' ? '−' : sign}</td>
              <th scope="row">${label}</th>
              <td class="number" title=${exactBytes(bytes)}>${bytesText(bytes, units)}</td>
              <td class="note">${note}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      virtualSum.countedAgainBytes > 0
        ? html`<p class="virtual">
            <strong>Why not add up the virtual sizes?</strong> Those of all containers give
            ${bytesText(virtualSum.bytes, units)}, and ${bytesText(virtualSum.countedAgainBytes, units)} of that are
            counted more than once: a virtual size is the container with all layers of its image, and these are on disk
            once for all who use them.
          </p>`
        : nothing
    }
    ${example === undefined ? nothing : exampleText(example, program, units)}`;
}

function exampleText(example: SharedExample, program: string, units: ByteUnits): TemplateResult {
  const { image, containers, virtualBytes, ownBytes, imageBytes } = example;
  return html`<p class="example">
    Here: ${counted(containers, 'container')} of ${image}. <code>${program} ps -s</code> prints virtual sizes of
    together ${bytesText(virtualBytes, units)}. On disk are ${bytesText(ownBytes + imageBytes, units)}: their own
    ${bytesText(ownBytes, units)}, and the image once, ${bytesText(imageBytes, units)}.
  </p>`;
}

/** What has bytes that could not be counted. */
export function notMeasured(missing: readonly NotMeasured[]): TemplateResult | typeof nothing {
  if (missing.length === 0) return nothing;
  return html`<section class="missing" aria-labelledby="missing-title">
    <h2 id="missing-title">Not measured</h2>
    <ul>
      ${missing.map(
        ({ what, why, remedy }) =>
          html`<li>
            <strong>${what}</strong>: ${why} ${remedy === '' ? nothing : html`<span class="remedy">${remedy}</span>`}
          </li>`,
      )}
    </ul>
  </section>`;
}
