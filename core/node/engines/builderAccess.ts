import { BuildkitConnection } from './buildkit';
import { BuildxCommands } from './buildxCommands';
import type { BuilderConnection, BuildkitInfo, EngineChoice } from './connection';
import type { DockerEndpoint } from './endpoint';
import { knownFailure } from './failure';

/** Milliseconds that one question may take. */
const PATIENCE = 10_000;

/** A builder that has just answered. */
export interface Reached {
  readonly connection: BuilderConnection;
  readonly info: BuildkitInfo;
  /** Ends with the caller's own or when the access is closed. */
  readonly signal: AbortSignal;
}

/** Milliseconds after which a builder that is asked by commands is dialed again: it may have been a passing trouble. */
const DIAL_AGAIN = 300_000;

/** The way to a builder: a connection of its own, or where that cannot be used, commands. */
export class BuilderAccess {
  private connection: BuilderConnection | undefined;
  private dialAgain = Infinity;
  private life = new AbortController();

  constructor(
    private readonly choice: EngineChoice,
    private readonly endpoint: DockerEndpoint,
  ) {}

  /** Does the present way tell when builds end? */
  get listens(): boolean {
    return this.connection?.listen !== undefined;
  }

  /** Connects unless that is done, and asks the builder who it is. */
  async reach(caller: AbortSignal): Promise<Reached> {
    const signal = AbortSignal.any([caller, this.life.signal]);
    signal.throwIfAborted();
    if (Date.now() >= this.dialAgain) this.drop();
    if (this.connection !== undefined) {
      return { connection: this.connection, info: await this.connection.info(signal), signal };
    }
    const { choice } = this;
    try {
      return await this.first(new BuildkitConnection(choice, choice.patience ?? PATIENCE), signal);
    } catch (error) {
      if (signal.aborted || this.isKnown(error)) throw error;
      return await this.byCommands(error, signal);
    }
  }

  async listen(signal: AbortSignal, onFinished: () => void): Promise<void> {
    if (this.connection?.listen === undefined) throw new Error('this builder does not tell when builds end');
    await this.connection.listen(signal, onFinished);
  }

  close(): void {
    this.life.abort();
    this.life = new AbortController();
    this.drop();
  }

  /** `dialing` failed in a way that does not say that nobody is there: asks by commands. */
  private async byCommands(dialing: unknown, signal: AbortSignal): Promise<Reached> {
    const { choice } = this;
    try {
      const reached = await this.first(new BuildxCommands(choice, choice.patience ?? PATIENCE), signal);
      this.dialAgain = Date.now() + DIAL_AGAIN;
      return reached;
    } catch (error) {
      // commands say in words what is wrong; a program that does not even answer them has no better ones
      if (signal.aborted || this.isKnown(error) || isUnknownCommand(dialing)) throw error;
      throw dialing;
    }
  }

  private async first(connection: BuilderConnection, signal: AbortSignal): Promise<Reached> {
    this.connection = connection;
    try {
      return { connection, info: await connection.info(signal), signal };
    } catch (error) {
      connection.close();
      if (this.connection === connection) this.connection = undefined;
      throw error;
    }
  }

  private drop(): void {
    this.dialAgain = Infinity;
    this.connection?.close();
    this.connection = undefined;
  }

  private isKnown(error: unknown): boolean {
    return knownFailure(error, this.endpoint, this.choice.program) !== undefined;
  }
}

function isUnknownCommand(error: unknown): boolean {
  return error instanceof Error && error.message.includes('unknown command');
}
