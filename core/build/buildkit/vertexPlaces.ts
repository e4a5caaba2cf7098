import type { PredictedStep } from '../../model';

/** Instructions that are a command of the builder: each has a number of its own. */
const COMMANDS = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

const NAME = /^\[(.*?)\s*(\d+)\/(\d+)\] ([\s\S]*)$/;

interface NamedPlace {
  /** Name of a stage, `stage-N`, or nothing where there is one stage only; a platform may stand before it. */
  readonly stage: string;
  readonly number: number;
  readonly text: string;
}

/**
 * Finds the instruction of a vertex by its name: `[build 3/7] RUN make`. The number counts FROM of an image and the
 * commands of the stage with its triggers; one stage alone has no name, one without a name is `stage-N`, and with several
 * platforms they stand before it (BuildKit frontend/dockerfile/dockerfile2llb/convert.go prefixCommand, cmdTotal).
 */
export class VertexPlaces {
  private readonly known = new Map<string, number | undefined>();

  constructor(private readonly steps: readonly PredictedStep[]) {}

  /** Index of the step; undefined for a vertex that is no instruction. */
  find(vertexName: string): number | undefined {
    if (!this.known.has(vertexName)) this.known.set(vertexName, this.look(vertexName));
    return this.known.get(vertexName);
  }

  private look(vertexName: string): number | undefined {
    const named = parseName(vertexName);
    if (named === undefined) return undefined;
    const stage = this.stageOf(named.stage);
    if (stage === undefined) return undefined;
    const own = this.steps.flatMap((step, index) => (step.stageIndex === stage ? [{ step, index }] : []));
    const keyword = /^[A-Z]+/.exec(named.text)?.[0] ?? '';
    if (keyword === 'FROM') return own.find(({ step }) => step.instruction === 'FROM')?.index;
    const commands = own.filter(({ step }) => COMMANDS.includes(step.instruction));
    // whether FROM counts is told by what stands there: only an image has a number
    for (const offset of [2, 1]) {
      const found = commands[named.number - offset];
      if (found?.step.instruction === keyword && this.isSameText(found.step, named.text)) return found.index;
    }
    const alike = commands.filter(({ step }) => step.instruction === keyword && this.isSameText(step, named.text));
    return alike.length === 1 ? alike[0]?.index : this.byNumber(commands, named, keyword);
  }

  /** Texts with variables are printed with their values: then the number has to do. */
  private byNumber(
    commands: readonly { readonly step: PredictedStep; readonly index: number }[],
    { number }: NamedPlace,
    keyword: string,
  ): number | undefined {
    const candidates = [2, 1].map((offset) => commands[number - offset]);
    return candidates.find((one) => one?.step.instruction === keyword)?.index;
  }

  private isSameText(step: PredictedStep, text: string): boolean {
    return squeeze(step.text) === squeeze(text);
  }

  private stageOf(text: string): number | undefined {
    const names = new Map<string, number>();
    for (const { stage, stageIndex } of this.steps) {
      if (stageIndex < 0) continue;
      // a later stage of the same name is the one that counts from there on, but both are printed alike
      if (!names.has(stage.toLowerCase())) names.set(stage.toLowerCase(), stageIndex);
      names.set(`stage-${stageIndex}`, names.get(`stage-${stageIndex}`) ?? stageIndex);
    }
    const count = new Set([...names.values()]).size;
    const words = text.split(' ').filter((word) => word !== '');
    const last = words.at(-1)?.toLowerCase();
    if (last === undefined || (count === 1 && last.includes('/')))
      return count === 1 ? [...names.values()][0] : undefined;
    return names.get(last);
  }
}

function parseName(vertexName: string): NamedPlace | undefined {
  const [, stage, number, , text] = NAME.exec(vertexName) ?? [];
  if (stage === undefined || number === undefined || text === undefined) return undefined;
  return { stage, number: Number(number), text };
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
