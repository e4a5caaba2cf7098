/**
 * A second, independent reading of a Dockerfile: only what a judge needs (which lines form an instruction, which stage it
 * is in, which stages a target needs). It deliberately shares nothing with the predictor's parser.
 */

/** One instruction; lines are 1-based and inclusive. */
export interface InstructionLines {
  readonly start: number;
  readonly end: number;
  /** Upper case. */
  readonly keyword: string;
  /** Everything after the keyword with continuations joined; here-document bodies are not part of it. */
  readonly rest: string;
  /** -1 before the first FROM. */
  readonly stageIndex: number;
}

export interface StageLines {
  readonly index: number;
  /** Lower case; undefined for a stage without AS. */
  readonly name: string | undefined;
  /** What FROM names, as written (variables are not expanded). */
  readonly base: string;
  readonly instructions: readonly InstructionLines[];
}

export interface DockerfileLines {
  readonly instructions: readonly InstructionLines[];
  readonly stages: readonly StageLines[];
}

const HEREDOC_KEYWORDS = new Set(['RUN', 'COPY', 'ADD']);

/** The escape character that a leading `# escape=` directive sets; directives end at the first other line. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/.exec(line.trim());
    if (!directive) break;
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] === '`' ? '`' : '\\';
  }
  return '\\';
}

/** Blank-separated words; quotes keep blanks together and are kept in the word. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (const char of text) {
    if (quote !== '') {
      word += char;
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") {
      quote = char;
      word += char;
    } else if (/\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
    } else word += char;
  }
  if (word !== '') words.push(word);
  return words;
}

interface Heredoc {
  readonly delimiter: string;
  readonly stripTabs: boolean;
}

/** BuildKit frontend/dockerfile/parser/parser.go: a here-document is a whole word `[fd]<<[-]NAME`. */
function heredocs(keyword: string, rest: string): Heredoc[] {
  if (!HEREDOC_KEYWORDS.has(keyword)) return [];
  const found: Heredoc[] = [];
  for (const word of splitWords(rest)) {
    const match = /^\d*<<(-?)([^<]+)$/.exec(word);
    if (match?.[2] !== undefined) found.push({ delimiter: match[2].replace(/["']/g, ''), stripTabs: match[1] === '-' });
  }
  return found;
}

/** Splits a Dockerfile into instructions and stages. Unknown keywords are kept, so that a broken file still has lines. */
export function readDockerfileLines(text: string): DockerfileLines {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escape = escapeCharacter(lines);
  const continues = escape === '`' ? /(?:^|[^`])`[ \t]*$/ : /(?:^|[^\\])\\[ \t]*$/;
  const instructions: InstructionLines[] = [];
  let stageIndex = -1;
  let i = 0;
  while (i < lines.length) {
    const first = lines[i] ?? '';
    if (first.trim() === '' || first.trimStart().startsWith('#')) {
      i++;
      continue;
    }
    const start = i;
    let joined = '';
    for (;;) {
      const line = lines[i] ?? '';
      const skipped = i > start && (line.trim() === '' || line.trimStart().startsWith('#'));
      const open = skipped || continues.test(line);
      if (!skipped) joined += open ? line.replace(/.[ \t]*$/, '') : line;
      if (!open || i + 1 >= lines.length) break;
      i++;
    }
    const match = /^\s*(\S+)\s*([\s\S]*)$/.exec(joined);
    const keyword = (match?.[1] ?? '').toUpperCase();
    const rest = (match?.[2] ?? '').trimEnd();
    for (const heredoc of heredocs(keyword, rest)) {
      while (i + 1 < lines.length) {
        i++;
        const line = lines[i] ?? '';
        if ((heredoc.stripTabs ? line.replace(/^\t+/, '') : line) === heredoc.delimiter) break;
      }
    }
    if (keyword === 'FROM') stageIndex++;
    instructions.push({ start: start + 1, end: i + 1, keyword, rest, stageIndex });
    i++;
  }
  return { instructions, stages: stagesOf(instructions) };
}

function stagesOf(instructions: readonly InstructionLines[]): StageLines[] {
  const stages: StageLines[] = [];
  for (const from of instructions.filter((one) => one.keyword === 'FROM')) {
    const words = splitWords(from.rest).filter((word) => !word.startsWith('--'));
    stages.push({
      index: from.stageIndex,
      name: words[1]?.toUpperCase() === 'AS' ? words[2]?.toLowerCase() : undefined,
      base: words[0] ?? '',
      instructions: instructions.filter((one) => one.stageIndex === from.stageIndex),
    });
  }
  return stages;
}

/** The stage of that name (the last one wins) or number before `before`. */
export function findStage(file: DockerfileLines, name: string, before: number): StageLines | undefined {
  const wanted = name.toLowerCase();
  const earlier = file.stages.filter((stage) => stage.index < before);
  return (
    earlier.findLast((stage) => stage.name === wanted) ??
    (/^\d+$/.test(wanted) ? earlier.find((stage) => stage.index === Number(wanted)) : undefined)
  );
}

/** Stage names that an instruction reads from (`COPY --from`, `RUN --mount=…,from=`). */
export function sourcesOf(instruction: InstructionLines): string[] {
  const names: string[] = [];
  for (const word of splitWords(instruction.rest)) {
    if (!word.startsWith('--')) break;
    const flag = /^--from=(.*)$/.exec(word)?.[1];
    if (flag !== undefined) names.push(flag.replace(/["']/g, ''));
    for (const part of /^--mount=(.*)$/.exec(word)?.[1]?.split(',') ?? [])
      if (part.startsWith('from=')) names.push(part.slice('from='.length));
  }
  return names;
}

/**
 * The stages that the target needs. Undefined when it cannot be known by reading alone (a FROM with a variable, a
 * target that is not in the file).
 */
export function neededStages(file: DockerfileLines, target: string | undefined): ReadonlySet<number> | undefined {
  const last = file.stages.at(-1);
  // `--target` takes only names (seen: `target stage "0" could not be found`).
  const goal = target === undefined ? last : file.stages.findLast((stage) => stage.name === target.toLowerCase());
  if (!goal) return undefined;
  const needed = new Set<number>();
  const queue: StageLines[] = [goal];
  for (let stage = queue.pop(); stage; stage = queue.pop()) {
    if (needed.has(stage.index)) continue;
    needed.add(stage.index);
    if (stage.base.includes('$')) return undefined;
    const names = [stage.base, ...stage.instructions.flatMap(sourcesOf)];
    for (const name of names) {
      const source = findStage(file, name, stage.index);
      if (source) queue.push(source);
    }
  }
  return needed;
}
