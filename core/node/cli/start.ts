// The command line starts here: `start.ts` is small, `main.ts` is large. To compile that takes longer than most answers,
// so what V8 made of it is kept (as Node.js itself does from release 22 on: module.enableCompileCache).
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { cacheFolder } from '../store/stateFolder';

/** Bytes of a SHA-256: the code is run as it is found, so a damaged file must not be taken for it. */
const SUM = 32;
/** Files of a megabyte each. */
const MOST_KEPT = 8;

const file = join(__dirname, 'cliMain.js');
const source = readFileSync(file, 'utf8');
const release = [process.version, process.arch, process.platform].join('-');
const name = createHash('sha256').update(`${release}\0${source}`).digest('hex').slice(0, 32);
const kept = join(cacheFolder(process.env), 'code', name);

const cachedData = readKept();
const script = new Script(wrap(source), { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
// what was compiled while running is worth keeping as well
if (cachedData === undefined || script.cachedDataRejected === true) process.once('exit', keep);
const load = script.runInThisContext() as (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  folder: string,
) => void;
const module_ = { exports: {} as { run: (argv: readonly string[]) => Promise<number> } };
load(module_.exports, createRequire(file), module_, file, __dirname);
void module_.exports.run(process.argv.slice(2)).then((code) => (process.exitCode = code));

function readKept(): Buffer | undefined {
  try {
    const bytes = readFileSync(kept);
    const code = bytes.subarray(SUM);
    return createHash('sha256').update(code).digest().equals(bytes.subarray(0, SUM)) ? code : undefined;
  } catch {
    return undefined; // nothing is kept yet
  }
}

/** A disk that is full or read-only must not stop anybody: then it is compiled each time. */
function keep(): void {
  const temporary = `${kept}.${randomUUID()}`;
  try {
    const code = script.createCachedData();
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    forgetOthers();
    writeFileSync(temporary, Buffer.concat([createHash('sha256').update(code).digest(), code]), { mode: 0o600 });
    renameSync(temporary, kept);
  } catch {
    forget(temporary);
  }
}

/** Code of other releases is kept for whoever uses several of them, but not without end. */
function forgetOthers(): void {
  const folder = dirname(kept);
  const names = readdirSync(folder);
  if (names.length >= MOST_KEPT) for (const one of names) forget(join(folder, one));
}

function forget(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // whatever is in the way stays there
  }
}
