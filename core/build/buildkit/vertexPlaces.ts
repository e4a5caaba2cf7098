import type { PredictedStep } from '../../model';
import { isSameImage } from './imageName';

/** Instructions that are a command of the builder: each has a number of its own. */
const COMMANDS = ['RUN', 'COPY', 'ADD', 'WORKDIR'];

const NAME = /^\[(.*?)\s*(\d+)\/(\d+)\] (ONBUILD )?([\s\S]*)$/;
/** An image that is only copied from or mounted has no stage, and no number. */
const IMAGE = /^FROM (\S+)$/;

interface NamedPlace {
  /** Name of a stage, `stage-N`, or nothing where there is one stage only; a platform may stand before it. */
  readonly stage: string;
  readonly number: number;
  readonly total: number;
  readonly isTrigger: boolean;
  readonly keyword: string;
  readonly text: string;
}

interface Command {
  readonly step: PredictedStep;
  readonly index: number;
}

/** An instruction that may be meant, and how well it fits: less is better. */
interface Match {
  readonly index: number;
  readonly doubt: number;
}

/**
 * Finds the instruction of a vertex by its name: `[build 3/7] RUN make`. The total counts FROM if it names an image, and
 * the commands of the stage with its triggers, which come first; the number leaves out WORKDIR of the root, which is no
 * vertex. One stage alone has no name, one without a name is `stage-N`, and with several platforms they stand before it
 * (BuildKit frontend/dockerfile/dockerfile2llb/convert.go buildDispatchStates, initOnBuildTriggers, dispatchWorkdir,
 * prefixCommand).
 */
export class VertexPlaces {
  private readonly known = new Map<string, number | undefined>();
  /** By the names that are printed, in lower case; a name may be given to several stages. */
  private readonly stages = new Map<string, Set<number>>();
  private readonly all = new Set<number>();

  constructor(private readonly steps: readonly PredictedStep[]) {
    for (const { stage, stageIndex } of steps) {
      if (stageIndex < 0) continue;
      this.all.add(stageIndex);
      for (const name of [stage.toLowerCase(), `stage-${stageIndex}`]) {
        this.stages.set(name, (this.stages.get(name) ?? new Set()).add(stageIndex));
      }
    }
  }

  /** Index of the step; undefined for a vertex that is no instruction. */
  find(vertexName: string): number | undefined {
    if (!this.known.has(vertexName)) this.known.set(vertexName, this.look(vertexName));
    return this.known.get(vertexName);
  }

  private look(vertexName: string): number | undefined {
    const image = IMAGE.exec(vertexName)?.[1];
    if (image !== undefined) return this.fromOf(image);
    const named = parseName(vertexName);
    if (named === undefined) return undefined;
    const matches = [...this.stagesOf(named.stage)].flatMap((stage) => this.match(stage, named) ?? []);
    return matches.sort((one, other) => one.doubt - other.doubt)[0]?.index;
  }

  /** A stage and an instruction that copies from the same image share a vertex. */
  private fromOf(image: string): number | undefined {
    const index = this.steps.findIndex(({ instruction, text }) => instruction === 'FROM' && isSameImage(text, image));
    return index < 0 ? undefined : index;
  }

  private match(stage: number, named: NamedPlace): Match | undefined {
    const own = this.steps.flatMap((step, index) => (step.stageIndex === stage ? [{ step, index }] : []));
    const all = own.filter(({ step }) => COMMANDS.includes(step.instruction));
    // before the commands: FROM, and triggers that nobody knew of
    const before = named.total - all.length;
    const doubt = before === 0 || before === 1 ? 0 : 1;
    if (named.keyword === 'FROM') {
      const from = own.find(({ step }) => step.instruction === 'FROM');
      return from === undefined ? undefined : { index: from.index, doubt: before === 1 ? 0 : 1 };
    }
    const numbered = all.filter(({ step }) => step.verdict !== 'no-layer');
    const exact = ofKind(numbered[named.number - before - 1], named);
    if (exact !== undefined && isSameText(exact.step, named.text)) return { index: exact.index, doubt };
    const alike = all.filter(
      (one) => ofKind(one, named) !== undefined && squeeze(one.step.text) === squeeze(named.text),
    );
    if (alike.length === 1 && alike[0] !== undefined) return { index: alike[0].index, doubt: doubt + 2 };
    // texts are printed with values of variables, and without quotes: then the number has to do
    const near = exact ?? (doubt === 0 ? undefined : nearby(numbered, named));
    return near === undefined ? undefined : { index: near.index, doubt: doubt + 4 };
  }

  private stagesOf(text: string): ReadonlySet<number> {
    const words = text.split(' ').filter((word) => word !== '');
    const last = words.at(-1)?.toLowerCase();
    // names of stages have no slash: it is a platform
    if (last === undefined || last.includes('/')) return this.all.size === 1 ? this.all : new Set();
    return this.stages.get(last) ?? new Set();
  }
}

function parseName(vertexName: string): NamedPlace | undefined {
  const [, stage, number, total, onbuild, text] = NAME.exec(vertexName) ?? [];
  if (stage === undefined || text === undefined) return undefined;
  const keyword = /^[A-Z]+/.exec(text)?.[0] ?? '';
  return { stage, number: Number(number), total: Number(total), isTrigger: onbuild !== undefined, keyword, text };
}

/** Older frontends do not say of a trigger that it is one. */
function ofKind(command: Command | undefined, { keyword, isTrigger }: NamedPlace): Command | undefined {
  if (command?.step.instruction !== keyword) return undefined;
  return isTrigger && command.step.origin !== 'onbuild' ? undefined : command;
}

/** Where the total is not that of the stage as we know it: with FROM, or without. */
function nearby(commands: readonly Command[], named: NamedPlace): Command | undefined {
  const candidates = [2, 1].map((before) => ofKind(commands[named.number - before], named));
  return candidates.find((one) => one !== undefined && isSameText(one.step, named.text)) ?? candidates.find(Boolean);
}

/** Variables are printed with their values, and heredocs in short. */
function isSameText({ text: own }: PredictedStep, text: string): boolean {
  return own.includes('$') || own.includes('<<') || squeeze(own) === squeeze(text);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
