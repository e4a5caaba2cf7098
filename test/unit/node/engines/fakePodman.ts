import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An image as `podman image inspect` prints it. */
export type PodmanImage = Readonly<Record<string, unknown>> & { readonly Id: string };

/** What the program answers. */
export interface PodmanAnswers {
  readonly version?: unknown;
  /** Names and the ids that they stand for. */
  readonly names?: Readonly<Record<string, string>>;
  readonly images?: readonly PodmanImage[];
  /** Listed, but removed before anybody asks for them. */
  readonly removed?: readonly string[];
  /** Ids that cannot be read when they are asked for, and with which words; `times` each, by default always. */
  readonly unreadable?: Readonly<Record<string, { readonly words: string; readonly times?: number }>>;
  /** Fails with this whatever it is asked. */
  readonly fails?: string;
  /** Prints this instead of JSON. */
  readonly garbage?: string;
}

const SCRIPT = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
fs.appendFileSync(__dirname + '/podman-calls', args.join(' ') + '\\n');
const { version, names = {}, images = [], removed = [], unreadable = {}, fails, garbage } =
  JSON.parse(fs.readFileSync(__dirname + '/podman.json', 'utf8'));
const say = (text) => process.stdout.write(text);
const fail = (text) => { process.stderr.write(text + '\\n'); process.exitCode = 125; };
const of = (id) => images.find((one) => one.Id === id);
if (fails !== undefined) fail(fails);
else if (garbage !== undefined) say(garbage);
else if (args[0] === 'version') say(JSON.stringify(version ?? { Client: { Version: '5.8.6', OsArch: 'linux/amd64' } }));
else if (args[0] === 'images') {
  const listed = images.map((one) => ({ Id: one.Id, ParentId: one.Parent ?? '' }));
  say(JSON.stringify([...listed, ...removed.map((Id) => ({ Id, ParentId: '' }))]));
} else if (args[0] === 'ps') say('[]');
else if (args[0] === 'history') {
  const found = of(args.at(-1));
  if (found === undefined) fail('Error: ' + args.at(-1) + ': image not known');
  else say(JSON.stringify((found.History ?? []).map(() => ({ size: 5 }))));
} else if (args[2] === '--' && args.length === 4) {
  const found = of(names[args[3]] ?? args[3].replace('sha256:', ''));
  say(JSON.stringify(found === undefined ? [] : [found]));
  if (found === undefined) fail('Error: ' + args[3] + ': image not known');
} else {
  const ids = args.slice(2).filter((one) => one !== '--').map((one) => one.replace('sha256:', ''));
  const hit = ids.find((id) => {
    if (unreadable[id] === undefined) return false;
    const counter = __dirname + '/unreadable-' + id;
    fs.appendFileSync(counter, '.');
    return fs.statSync(counter).size <= (unreadable[id].times ?? Infinity);
  });
  const gone = ids.find((id) => of(id) === undefined);
  if (hit !== undefined) fail(unreadable[hit].words);
  else say(JSON.stringify(ids.flatMap((id) => of(id) ?? [])));
  if (gone !== undefined) fail('Error: inspecting object: ' + gone + ': image not known');
}
`;

/** A `podman` program in a folder of its own, which says what a test wants it to. */
export class FakePodman {
  /** To be put into PATH. */
  readonly path: string;

  constructor(folder: string, answers: PodmanAnswers = {}) {
    this.path = join(folder, 'podman-bin');
    mkdirSync(this.path);
    const program = join(this.path, 'podman');
    writeFileSync(program, SCRIPT);
    chmodSync(program, 0o755);
    this.answer(answers);
  }

  answer(answers: PodmanAnswers): void {
    writeFileSync(join(this.path, 'podman.json'), JSON.stringify(answers));
  }

  /** Arguments of the calls so far. */
  calls(): string[] {
    const path = join(this.path, 'podman-calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }
}

/** An image of some steps on a base of one layer. */
export function podmanImage(
  id: string,
  texts: readonly string[],
  changes: Readonly<Record<string, unknown>> = {},
): PodmanImage {
  return {
    ...{ Id: id, Digest: `sha256:digest-of-${id}`, Created: '2026-01-01T00:00:00.123456789Z', Size: 1234 },
    ...{ ManifestType: 'application/vnd.oci.image.manifest.v1+json', Os: 'linux', Architecture: 'amd64' },
    RootFS: { Type: 'layers', Layers: texts.map((_, index) => `sha256:layer${index}`) },
    History: texts.map((text) => ({ created: '2026-01-01T00:00:00.000000001Z', created_by: text })),
    Config: {
      Env: ['PATH=/bin'],
      WorkingDir: '/w',
      User: 'me',
      Labels: { a: '1' },
      ExposedPorts: { '80/tcp': {} },
      OnBuild: ['RUN t'],
    },
    ...changes,
  };
}
