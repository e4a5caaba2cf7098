import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recorded, type Recording } from './recording';

/** What the program does for some arguments. */
export interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly code?: number;
  /** Connects its standard streams to this socket. */
  readonly socket?: string;
  /** Does not end by itself. */
  readonly hangs?: true;
}

/** Answers by arguments, `--builder NAME` left out; `buildx *` is for all others that begin so. */
export type Answers = Readonly<Record<string, Answer>>;

const SCRIPT = `#!${process.execPath}
const fs = require('node:fs');
const net = require('node:net');
const args = process.argv.slice(2);
const at = args.indexOf('--builder');
const builder = at < 0 ? '' : args.splice(at, 2)[1];
fs.appendFileSync(__dirname + '/calls', [process.pid, builder, ...args].join(' ') + '\\n');
const all = JSON.parse(fs.readFileSync(__dirname + '/answers.json', 'utf8'))[builder];
const text = args.join(' ');
const name = all && Object.keys(all).find((key) => key === text || (key.endsWith('*') && text.startsWith(key.slice(0, -1))));
const answer = name === undefined ? { err: 'ERROR: no builder "' + builder + '" found\\n', code: 1 } : all[name];
if (answer.socket) {
  const socket = net.connect(answer.socket);
  socket.on('error', (error) => { process.stderr.write('ERROR: ' + error.message + '\\n'); process.exit(1); });
  process.stdin.pipe(socket).pipe(process.stdout);
} else {
  process.exitCode = answer.code || 0;
  process.stdout.write(answer.out || '');
  process.stderr.write(answer.err || '');
  if (answer.hangs) setInterval(() => {}, 1000);
}
`;

/** A \`docker\` program in a folder, which says what a test wants it to. */
export class FakeDocker {
  readonly program: string;

  constructor(
    private readonly folder: string,
    private readonly answers: Record<string, Answers>,
  ) {
    this.program = join(folder, 'docker');
    writeFileSync(this.program, SCRIPT);
    chmodSync(this.program, 0o755);
    this.answer('', answers[''] ?? {});
  }

  /** Changes what it says of a builder; the empty name is for calls without one. */
  answer(builder: string, answers: Answers): void {
    this.answers[builder] = answers;
    writeFileSync(join(this.folder, 'answers.json'), JSON.stringify(this.answers));
  }

  /** How it was called so far: process id, builder and arguments. */
  calls(): string[] {
    const path = join(this.folder, 'calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }
}

/** The answers of a buildx without dial-stdio: recorded ones, of the builds that the recording has. */
export function byCommands(recording: Recording, more: Answers = {}): Answers {
  const refs = recording.builds.map(({ listed }) => listed.ref);
  const history = recorded('history.jsonl').split('\n');
  const builds = recording.builds.flatMap(({ listed: { ref }, provenance }) =>
    Object.entries<Answer>({
      [`buildx history logs --progress rawjson ${ref}`]: { err: recorded(`logs/${ref}.jsonl`) },
      [`buildx history inspect attachment --type provenance ${ref}`]:
        provenance === undefined
          ? { err: `ERROR: no matching attachment found for ref "${ref}"\n`, code: 1 }
          : { out: provenance },
    }),
  );
  return {
    'buildx dial-stdio': { err: 'ERROR: unknown command: "dial-stdio"\n', code: 1 },
    'buildx inspect': { out: recorded('inspect.txt') },
    'buildx du --format json': { out: recorded('du.jsonl') },
    'buildx history ls --format json --no-trunc': {
      out: history.filter((line) => refs.some((ref) => line.includes(`/${ref}"`))).join('\n'),
    },
    ...Object.fromEntries(builds),
    ...more,
  };
}
