import { html, nothing, type TemplateResult } from 'lit';
import type { ByteUnits, ContainerChange, ContainerChanges } from '../../../core/model';
import { bytesText, counted, exactBytes } from './words';

/** Changes that are listed; a container may have hundreds of thousands. */
const MOST = 1000;

const SIGNS: Readonly<Record<ContainerChange['change'], string>> = { added: 'A', changed: 'C', deleted: 'D' };

/** What a container changed against its image: copy-on-write made visible. */
export function changesView(
  name: string,
  { changes, bytes, hiddenBytes, message }: ContainerChanges,
  units: ByteUnits,
  close: () => void,
): TemplateResult {
  const count = (kind: ContainerChange['change']): number => changes.filter(({ change }) => change === kind).length;
  const largest = [...changes].sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)).slice(0, MOST);
  const left = changes.length - largest.length;
  return html`<section class="changes" aria-labelledby="changes-title">
    <h2 id="changes-title" tabindex="-1">What ${name} changed against its image</h2>
    <p>
      ${count('added').toLocaleString('en')} added, ${count('changed').toLocaleString('en')} changed,
      ${count('deleted').toLocaleString('en')} deleted.
      ${bytes === null ? nothing : html`Added and changed files have <strong title=${exactBytes(bytes)}>${bytesText(bytes, units)}</strong>.`}
      A changed file is a full copy of it, however little of it changed.
      ${
        hiddenBytes === null || hiddenBytes === 0
          ? nothing
          : html`${bytesText(hiddenBytes, units)} of the image are hidden by now, and stay on disk with the image.`
      }
    </p>
    ${message === '' ? nothing : html`<p class="why">${message}</p>`}
    ${
      largest.length === 0
        ? html`<p>No files.</p>`
        : html`<div class="box short" tabindex="0" role="region" aria-label="Changed files">
            <table class="items">
              <thead>
                <tr>
                  <th scope="col">Change</th>
                  <th scope="col">Path</th>
                  <th scope="col" class="number">In the container</th>
                  <th scope="col" class="number">In the image</th>
                </tr>
              </thead>
              <tbody>
                ${largest.map((one) => changeRow(one, units))}
              </tbody>
            </table>
          </div>`
    }
    ${left === 0 ? nothing : html`<p class="quiet">${counted(left, 'smaller one')} not listed.</p>`}
    <vscode-button secondary @click=${close}>Close</vscode-button>
  </section>`;
}

function changeRow({ path, change, type, bytes, imageBytes }: ContainerChange, units: ByteUnits): TemplateResult {
  return html`<tr>
    <td><span class="sign" aria-hidden="true">${SIGNS[change]}</span> ${change}</td>
    <th scope="row">${path}${type === 'directory' ? '/' : ''}</th>
    <td class="number">${change === 'deleted' ? '' : bytesText(bytes, units)}</td>
    <td class="number">${imageBytes === null ? '' : bytesText(imageBytes, units)}</td>
  </tr>`;
}
