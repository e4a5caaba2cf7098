import type { Problem } from '../model';

/** The parser directives of a Dockerfile (`# syntax=`, `# escape=`, `# check=`). */
export interface Directives {
  readonly syntax?: string;
  readonly escape?: string;
  readonly check?: string;
}

type DirectiveName = keyof Directives;

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const KNOWN: readonly string[] = ['syntax', 'escape', 'check'];

/** Reads directives line by line until the first line that is none (BuildKit frontend/dockerfile/parser/directives.go). */
export class DirectiveReader {
  private done = false;
  private readonly found: Partial<Record<DirectiveName, string>> = {};
  readonly problems: Problem[] = [];

  /** Offers the next line (without line end, leading white space kept off); returns whether it was a directive. */
  offer(line: string, lineNumber: number): boolean {
    if (this.done) return false;
    const match = DIRECTIVE.exec(line);
    const name = match?.[1]?.toLowerCase();
    const value = match?.[2];
    if (name === undefined || value === undefined || !KNOWN.includes(name)) {
      this.done = true;
      return false;
    }
    const key = name as DirectiveName;
    if (this.found[key] !== undefined) {
      this.problems.push({
        code: 'bad-instruction',
        message: `only one ${key} parser directive can be used`,
        line: lineNumber,
      });
      return true;
    }
    if (key === 'escape' && value !== '\\' && value !== '`') {
      this.problems.push({
        code: 'bad-instruction',
        message: `invalid escape token '${value}': it must be \\ or \``,
        line: lineNumber,
      });
      return true;
    }
    this.found[key] = value;
    return true;
  }

  get directives(): Directives {
    return { ...this.found };
  }

  /** The escape character in force so far. */
  get escape(): string {
    return this.found.escape ?? '\\';
  }
}
