import type { Grammar } from './dialect.js';
import type { StageState, Surroundings } from './stage.js';
import { expansion, heredoc, reference } from './stage.js';
import type { Random } from './random.js';

const OWNERS = ['0', '1000:1000', 'app', 'app:app', 'root:0', ':1000', '12:34'];
const MODES = ['644', '0755', '600', '4755', 'u=rwX,go=rX', 'a+x', 'go-rwx', 'u=rw,g=r,o='];

const owners = (grammar: Grammar): readonly string[] =>
  grammar.groupAlone ? OWNERS : OWNERS.filter((one) => !one.startsWith(':'));

const modes = (grammar: Grammar): readonly string[] =>
  grammar.modeWords ? MODES : MODES.filter((one) => /^\d+$/.test(one));

/** On scratch no names of users, for there is no /etc/passwd. */
function copyFlags({ random, grammar }: Surroundings, stage: StageState): string {
  const flags: string[] = [];
  if (random.chance(0.15)) flags.push(`--chown=${stage.runs ? random.pick(owners(grammar)) : '1000:1000'}`);
  if (grammar.chmod && random.chance(0.15)) flags.push(`--chmod=${random.pick(modes(grammar))}`);
  if (grammar.link && random.chance(0.15)) flags.push(random.pick(['--link', '--link', '--link=true', '--link=false']));
  return flags.map((flag) => ` ${flag}`).join('');
}

const EXCLUDES = ['*.log', 'src/lib', '**/*.c', 'docs', '*.txt', 'd/a', '**/deep.*', 'logs/*', 'pack.*', 'main.c'];

function excludes(random: Random): string {
  return Array.from({ length: random.int(1, 3) }, () => ` --exclude=${random.pick(EXCLUDES)}`).join('');
}

/** A COPY or ADD of context files, archives or here-documents. */
export function copyInstruction(around: Surroundings, stage: StageState): string {
  const { random, counter, context, grammar } = around;
  const keyword = random.weighted([
    [7, 'COPY'],
    [2, 'ADD'],
    [1, 'copy'],
  ] as const);
  const head = keyword + copyFlags(around, stage);
  const destination = `/c${counter.next()}`;
  const plain = context.sources.filter((one) => !one.includes(' '));
  const spaced = context.sources.filter((one) => one.includes(' '));
  const folder = (): string => random.pick(context.directories);
  const source = (): string => random.pick(plain);
  const made = (text: string): string => {
    stage.produced.push(destination);
    return text;
  };
  return random.weighted<() => string>([
    [6, () => made(`${head} ${source()} ${destination}`)],
    [2, () => made(`${head} ./${source()} ${destination}/`)],
    [3, () => made(`${head} ${folder()} ${destination}`)],
    [2, () => made(`${head} ${folder()}/ ${destination}/`)],
    [2, () => made(`${head} a.txt b.txt ${destination}/`)],
    [1, () => made(`${head} tool.sh src conf/app.json ${destination}/`)],
    [1, () => made(`${head} *.txt d tool.s? ${destination}/`)],
    [4, () => made(`${head} ${random.pick(context.patterns)} ${destination}/`)],
    [2, () => made(`${head} . ${destination}`)],
    [1, () => made(`${head} / ${destination}/`)],
    [1, () => `${head} ${source()} ./`],
    [1, () => made(`${head} ["${source()}", "${destination}"]`)],
    [1, () => made(`${head} ["a.txt", "${folder()}", "${destination}/"]`)],
    [1, () => made(`${head} ${source()} \\\n    b.txt \\\n    ${destination}/`)],
    [1, () => `${head} ${source()} ${destination}${expansion(around, stage)}`],
    [grammar.documents ? 3 : 0, () => made(documentCopy(head, destination, around, stage))],
    [
      grammar.exclude ? 2 : 0,
      () => made(`${head}${excludes(random)} ${random.pick(['.', '.', 'src', 'd'])} ${destination}/`),
    ],
    [grammar.exclude ? 1 : 0, () => made(`${head}${excludes(random)} src conf d/* ${destination}/`)],
    [3, () => made(archiveCopy(around, stage, destination))],
    [
      spaced.length > 0 ? 2 : 0,
      () => made(`${head} ["${random.pick(spaced.length > 0 ? spaced : plain)}", "${destination}"]`),
    ],
  ])();
}

function documentCopy(head: string, destination: string, around: Surroundings, stage: StageState): string {
  const { random } = around;
  const one = heredoc(random, 'EOF', [`from a document ${random.word(3)}`, `and ${expansion(around, stage)}`]);
  const first = heredoc(random, 'first.txt', [`first ${random.word(3)}`]);
  const second = heredoc(random, 'second.txt', ['', `$${random.pick(['V', 'PATH'])} in the second`]);
  return random.weighted([
    [3, `${head} ${one.open} ${destination}\n${one.body}`],
    [2, `${head} ${first.open} ${second.open} ${destination}/\n${first.body}\n${second.body}`],
    [1, `${head} ${first.open} a.txt ${destination}/\n${first.body}`],
  ]);
}

function archiveCopy(around: Surroundings, stage: StageState, destination: string): string {
  const { random, context, grammar } = around;
  const flags = copyFlags(around, stage).replace(/ --chmod=\S+/, '');
  const unpack = grammar.unpack ? random.pick(['', '', ' --unpack=true', ' --unpack=false', ' --unpack']) : '';
  const source = random.pick([...context.archives, ...context.archives, 'pack.*']);
  return random.chance(0.2)
    ? `COPY${flags} ${source} ${destination}/`
    : `ADD${unpack}${flags} ${source} ${destination}/`;
}

/** A COPY from an earlier stage or an image, or undefined when none has anything to give. */
export function copyFromInstruction(around: Surroundings, stage: StageState): string | undefined {
  const { random, counter, grammar } = around;
  const destination = `/s${counter.next()}`;
  const head = copyFlags(around, stage);
  const slash = random.chance(0.3) ? '/' : '';
  if (random.chance(0.08)) {
    stage.produced.push(destination);
    return `COPY --from=${around.baseImage}${head} ${random.pick(['/etc/passwd', '/etc', '/etc/pass*'])} ${destination}/`;
  }
  const givers = around.earlier.filter((one) => one.produced.length > 0);
  if (givers.length === 0) return undefined;
  const from = random.pick(givers);
  const source = random.pick(from.produced);
  stage.produced.push(destination);
  const start = `COPY --from=${reference(around, from)}${head}`;
  return random.weighted([
    [8, `${start} ${source} ${destination}${slash}`],
    [2, `${start} ${source} ${random.pick(from.produced)} ${destination}/`],
    [grammar.exclude ? 1 : 0, `${start}${excludes(random)} ${source} ${destination}${slash}`],
    [1, `${start} ${source.slice(0, -1)}* ${destination}/`],
    [1, `${start} ["${source}", "${destination}${slash}"]`],
  ]);
}
