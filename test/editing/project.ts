import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../generator/random.js';

/** A project on disk that somebody works on: its Dockerfile as it is on the screen, and its files. */
export class EditedProject {
  /** Instructions below the fixed ones, newest last. */
  private readonly added: string[] = [];
  private number = 0;

  constructor(
    readonly folder: string,
    private readonly baseImage: string,
  ) {
    mkdirSync(join(folder, 'src'), { recursive: true });
    for (let file = 0; file < 40; file++) this.write(`src/file${file}.txt`, `content ${file}\n`);
    this.write('conf.json', '{}\n');
    this.write('.dockerignore', '*.log\n');
    writeFileSync(this.dockerfile, this.text);
  }

  get dockerfile(): string {
    return join(this.folder, 'Dockerfile');
  }

  get text(): string {
    return [`FROM ${this.baseImage}`, 'WORKDIR /app', 'COPY conf.json .', 'COPY src src', ...this.added, ''].join('\n');
  }

  /** Bytes that `COPY src src` copies. */
  get bytes(): number {
    const files = readdirSync(join(this.folder, 'src'));
    return files.reduce((sum, name) => sum + statSync(join(this.folder, 'src', name)).size, 0);
  }

  get steps(): number {
    return 4 + this.added.length;
  }

  /** Adds, changes or removes an instruction on the screen. */
  editText(random: Random): void {
    const line = random.pick(['ENV A=1', 'RUN echo one', 'COPY conf.json /', 'LABEL a=b', 'USER 1000', '# a comment']);
    if (this.added.length > 20 || (this.added.length > 0 && random.chance(0.4))) this.added.pop();
    else if (!line.startsWith('#')) this.added.push(`${line}${line.startsWith('RUN') ? ` ${++this.number}` : ''}`);
  }

  /** The Dockerfile as it is on the screen goes to disk. */
  save(): void {
    writeFileSync(this.dockerfile, this.text);
  }

  /** Changes one file on disk; returns its path. */
  changeFile(random: Random): string {
    const name = `src/file${random.int(0, 60)}.txt`;
    if (random.chance(0.15)) rmSync(join(this.folder, name), { force: true });
    else this.write(name, `${'x'.repeat(random.int(1, 200))}\n`);
    return join(this.folder, name);
  }

  private write(path: string, content: string): void {
    writeFileSync(join(this.folder, path), content);
  }
}
