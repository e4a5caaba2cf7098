import type { CopyInstruction, Instruction, RunInstruction } from '../dockerfile/instruction';
import type { ImageAnalysis } from '../image/analysis';
import { nameOf, WHITEOUT } from '../image/entryPath';
import { StackedTree } from '../image/stackedTree';
import type { LineRange } from '../model';
import type { Advice, AdviceEdit, WriteBytes } from './advice';

/** An image with the instructions that made its layers. */
export interface AdvisedImage {
  readonly analysis: ImageAnalysis;
  /** For each layer the 1-based first line of its instruction; undefined for layers of the base. */
  readonly lines: readonly (number | undefined)[];
  readonly instructions: readonly Instruction[];
}

/** Files that are named in a message. */
const MAX_NAMED = 3;

/** What package managers keep for the next time, which never comes in an image; each with how to do without. */
const CACHES: readonly { readonly path: RegExp; readonly of: string; readonly remedy: string }[] = [
  {
    path: /^var\/lib\/apt\/lists\//,
    of: 'apt',
    remedy: 'rm -rf /var/lib/apt/lists/* in the same RUN, or mount /var/lib/apt with type=cache',
  },
  {
    path: /^var\/cache\/apt\//,
    of: 'apt',
    remedy: 'apt-get clean in the same RUN, or mount /var/cache/apt with type=cache',
  },
  { path: /^var\/cache\/apk\//, of: 'apk', remedy: 'apk add --no-cache' },
  {
    path: /^var\/cache\/(?:dnf|yum|libdnf5)\//,
    of: 'dnf',
    remedy: 'dnf clean all in the same RUN, or mount /var/cache/dnf with type=cache',
  },
  {
    path: /^(?:root|home\/[^/]+)\/\.cache\/pip\//,
    of: 'pip',
    remedy: 'pip install --no-cache-dir, or mount /root/.cache/pip with type=cache',
  },
  {
    path: /^(?:root|home\/[^/]+)\/\.npm\/_cacache\//,
    of: 'npm',
    remedy: 'npm cache clean --force in the same RUN, or mount /root/.npm with type=cache',
  },
  {
    path: /^(?:root|home\/[^/]+)\/\.cache\/(?:yarn|go-build|pypoetry|uv)\//,
    of: 'the build tool',
    remedy: 'mount it with type=cache',
  },
  {
    path: /^(?:root|home\/[^/]+)\/\.(?:m2\/repository|gradle\/caches|cargo\/registry)\//,
    of: 'the build tool',
    remedy: 'mount it with type=cache',
  },
];

/** Advice that follows from what is in the layers of an image. `least`: bytes below which nothing is said. */
export function imageAdvice(image: AdvisedImage, least: number, write: WriteBytes): Advice[] {
  return [...lostFiles(image, write), ...packageCaches(image, write)].filter(({ bytes }) => bytes >= least);
}

interface Lost {
  bytes: number;
  readonly names: string[];
}

/** Files that an instruction stores and a later one deletes or stores again with another mode or owner only. */
function lostFiles({ analysis, lines, instructions }: AdvisedImage, write: WriteBytes): Advice[] {
  const deleted = new Map<string, Lost>();
  const again = new Map<string, Lost>();
  for (const { path, layer, by, how, bytes, metadataOnly } of analysis.shadowed.files) {
    const [from, to] = [lines[layer], lines[by]];
    if (from === undefined || to === undefined || from === to) continue;
    const group = how === 'deleted' ? deleted : metadataOnly === true ? again : undefined;
    if (group === undefined) continue;
    const key = JSON.stringify([from, to]);
    const lost = group.get(key) ?? { bytes: 0, names: [] };
    lost.bytes += bytes;
    lost.names.push(path);
    group.set(key, lost);
  }
  const advice: Advice[] = [];
  for (const [key, lost] of deleted) {
    const [from, to] = placesOf(key, instructions);
    if (from === undefined || to === undefined) continue;
    advice.push({
      ...{ code: 'deleted-later', line: to.line, bytes: lost.bytes, edits: [] },
      message:
        `${write(lost.bytes)} that line ${from.line.start} stored stay in the image although they are deleted here ` +
        `(${named(lost.names)}): delete them in the instruction that makes them, or make them in another stage.`,
      related: [{ line: from.line, message: 'stored here' }],
    });
  }
  for (const [key, lost] of again) {
    const [from, to] = placesOf(key, instructions);
    if (from === undefined || to === undefined) continue;
    advice.push({
      ...{ code: 'stored-again', line: to.line, bytes: lost.bytes, edits: accessEdits(from, to) },
      message:
        `${write(lost.bytes)} are stored twice: this changes only mode, owner or time of what line ${from.line.start} stored ` +
        `(${named(lost.names)}).${from.kind === 'copy' ? ' COPY --chown and --chmod set them at once.' : ''}`,
      related: [{ line: from.line, message: 'stored here first' }],
    });
  }
  return advice;
}

/** What package managers left in a layer and containers still see. */
function packageCaches({ analysis, lines, instructions }: AdvisedImage, write: WriteBytes): Advice[] {
  const layers = analysis.layers.map(({ entries }) => entries);
  const tree = new StackedTree(layers).applyAll();
  const found = new Map<
    string,
    { bytes: number; readonly line: number; readonly of: string; readonly remedy: string }
  >();
  for (const node of tree.below()) {
    const { place } = node;
    const line = place === undefined ? undefined : lines[place.layer];
    if (place === undefined || line === undefined || nameOf(node.name).startsWith(WHITEOUT)) continue;
    const bytes = layers[place.layer]?.size(place.index) ?? 0;
    const cache = bytes === 0 ? undefined : CACHES.find(({ path }) => path.test(node.path));
    if (cache === undefined) continue;
    const key = JSON.stringify([line, cache.remedy]);
    const sum = found.get(key) ?? { bytes: 0, line, of: cache.of, remedy: cache.remedy };
    sum.bytes += bytes;
    found.set(key, sum);
  }
  return [...found.values()].flatMap(({ bytes, line, of, remedy }): Advice[] => {
    const instruction = at(line, instructions);
    // what was copied is there on purpose
    if (instruction?.kind !== 'run') return [];
    const message = `${write(bytes)} are what ${of} keeps for the next time, which an image does not have: ${remedy}.`;
    return [{ code: 'package-cache-left', line: instruction.line, bytes, message, related: [], edits: [] }];
  });
}

/** One chmod or chown of what one COPY brought can be said in the COPY. */
function accessEdits(from: Instruction, to: Instruction): AdviceEdit[] {
  if (from.kind !== 'copy' || to.kind !== 'run' || from.chmod !== '' || from.chown !== '') return [];
  const flag = accessFlag(to, from);
  if (flag === undefined || from.line.start !== from.line.end || to.line.start !== to.line.end) return [];
  const text = from.text.replace(/^(\S+)/, `$1 ${flag}`);
  return [
    {
      kind: 'dockerfile',
      title: `Use ${from.keyword} ${flag} and remove the RUN (sets it for all that is copied)`,
      replacements: [
        { line: from.line, text },
        { line: to.line, text: undefined },
      ],
    },
  ];
}

/** `--chmod=755` for a RUN that does nothing but `chmod -R 755` of the very thing that was copied. */
function accessFlag(
  { shell, exec, heredocs, mounts }: RunInstruction,
  { destination }: CopyInstruction,
): string | undefined {
  if (exec !== undefined || heredocs.length > 0 || mounts.length > 0) return undefined;
  const [, command, value, path] =
    /^(chmod|chown)\s+(?:-R\s+)?([\w:.-]+)\s+([^\s;&|<>$`*?"'\\]+)$/.exec(shell.trim()) ?? [];
  if (command === undefined || value === undefined || path === undefined) return undefined;
  // words for modes change some bits and keep others: COPY cannot do that everywhere
  if (command === 'chmod' && !/^[0-7]{3,4}$/.test(value)) return undefined;
  return trimmed(path) === trimmed(destination) ? `--${command}=${value}` : undefined;
}

function placesOf(key: string, instructions: readonly Instruction[]): readonly (Instruction | undefined)[] {
  const lines = JSON.parse(key) as readonly number[];
  return lines.map((line) => at(line, instructions));
}

function at(line: number, instructions: readonly Instruction[]): Instruction | undefined {
  return instructions.find((one) => one.line.start === line);
}

function named(paths: readonly string[]): string {
  const names = paths.slice(0, MAX_NAMED).map((path) => `/${path}`);
  return names.join(', ') + (paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '');
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}

/** Lines in the order of a file. */
export function compareLines(a: { readonly line: LineRange }, b: { readonly line: LineRange }): number {
  return a.line.start - b.line.start;
}
