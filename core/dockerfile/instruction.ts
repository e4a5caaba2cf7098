import type { LineRange } from '../model';
import type { Heredoc } from './heredoc';
import type { NameValue } from './words';

/** What every instruction has. */
export interface InstructionBase {
  readonly line: LineRange;
  /** Upper-case keyword. */
  readonly keyword: string;
  /** The whole instruction on one line, without heredoc bodies. */
  readonly text: string;
}

export interface FromInstruction extends InstructionBase {
  readonly kind: 'from';
  /** As written; only global arguments are expanded in it. */
  readonly base: string;
  /** Lower case; empty when the stage has no name. */
  readonly name: string;
  readonly platform: string;
}

export interface RunInstruction extends InstructionBase {
  readonly kind: 'run';
  readonly flags: readonly string[];
  /** Exec form arguments, or undefined for the shell form. */
  readonly exec: readonly string[] | undefined;
  /** Text of the shell form. */
  readonly shell: string;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly string[];
  readonly network: string;
  readonly security: string;
  readonly devices: readonly string[];
}

/** COPY and ADD. */
export interface CopyInstruction extends InstructionBase {
  readonly kind: 'copy';
  readonly isAdd: boolean;
  /** Paths as written; heredocs are not among them. */
  readonly sources: readonly string[];
  /** Inline documents, in the order of their words. */
  readonly documents: readonly Heredoc[];
  readonly destination: string;
  readonly from: string;
  readonly chown: string;
  readonly chmod: string;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
  readonly checksum: string;
  readonly keepGitDir: boolean | undefined;
  readonly unpack: boolean | undefined;
}

export interface WorkdirInstruction extends InstructionBase {
  readonly kind: 'workdir';
  readonly path: string;
}

export interface EnvInstruction extends InstructionBase {
  readonly kind: 'env';
  readonly pairs: readonly NameValue[];
}

/** One name of an ARG; `value` is its default as written. */
export interface ArgumentDeclaration {
  readonly name: string;
  readonly value: string | undefined;
}

export interface ArgInstruction extends InstructionBase {
  readonly kind: 'arg';
  readonly declarations: readonly ArgumentDeclaration[];
}

export interface UserInstruction extends InstructionBase {
  readonly kind: 'user';
  readonly user: string;
}

export interface ShellInstruction extends InstructionBase {
  readonly kind: 'shell';
  readonly shell: readonly string[];
}

export interface OnbuildInstruction extends InstructionBase {
  readonly kind: 'onbuild';
  /** The trigger as a Dockerfile of its own. */
  readonly trigger: string;
}

/** Instructions that only change the image's configuration. */
export interface MetadataInstruction extends InstructionBase {
  readonly kind: 'metadata';
  /** What follows the keyword and its flags, as written. */
  readonly rest: string;
  readonly flags: readonly string[];
  /** The words that the builder expands; an expansion error fails the build. */
  readonly expanded: readonly string[];
}

/** An instruction that the builder refuses; the build stops before its first step. */
export interface InvalidInstruction extends InstructionBase {
  readonly kind: 'invalid';
  readonly error: string;
}

export type Instruction =
  | FromInstruction
  | RunInstruction
  | CopyInstruction
  | WorkdirInstruction
  | EnvInstruction
  | ArgInstruction
  | UserInstruction
  | ShellInstruction
  | OnbuildInstruction
  | MetadataInstruction
  | InvalidInstruction;

/** Instructions that belong to a stage. */
export type StageInstruction = Exclude<Instruction, FromInstruction>;
