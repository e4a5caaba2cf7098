import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const START = join(import.meta.dirname, '../../dist/cli.js');

describe('the start of the command line', () => {
  let folder = '';
  const kept = (): string => join(folder, 'cache/layer-insight/code');
  const program = (text: string): void => writeFileSync(join(folder, 'cliMain.js'), text);
  const says = (what: string, code: number): string =>
    `exports.run = async (argv) => { console.log(${what}); return ${code}; };`;
  const start = (...args: string[]) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'cli.js'), ...args], { env });
    return { status, output: `${stdout.toString()}${stderr.toString()}` };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'li-start-'));
    copyFileSync(START, join(folder, 'cli.js'));
    program(says(`argv.join(), __filename.endsWith('cliMain.js')`, 7));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the same with kept code and without', () => {
    const expected = { status: 7, output: 'a,b true\n' };
    expect(start('a', 'b')).toEqual(expected);
    const [name = ''] = readdirSync(kept());
    const before = readFileSync(join(kept(), name));
    expect(start('a', 'b')).toEqual(expected);
    expect(readdirSync(kept())).toEqual([name]);
    expect(readFileSync(join(kept(), name)).equals(before)).toBe(true);
  });

  it('takes no code of another program', () => {
    start();
    program(says(`'other'`, 3));
    expect(start()).toEqual({ status: 3, output: 'other\n' });
    expect(readdirSync(kept())).toHaveLength(2);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['with another byte', (bytes: Buffer) => bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte))],
    ['empty', () => Buffer.alloc(0)],
  ])('does without kept code that is %s', (_, damage) => {
    start();
    const path = join(kept(), readdirSync(kept())[0] ?? '');
    writeFileSync(path, damage(readFileSync(path)));
    expect(start('a')).toEqual({ status: 7, output: 'a true\n' });
  });

  it('does without a folder for it', () => {
    mkdirSync(join(folder, 'cache/layer-insight'), { recursive: true });
    writeFileSync(kept(), 'a file');
    expect(start('a')).toEqual({ status: 7, output: 'a true\n' });
  });

  it('keeps only a few', () => {
    for (let number = 0; number < 12; number++) {
      program(says(String(number), 0));
      start();
    }
    expect(readdirSync(kept()).length).toBeLessThanOrEqual(8);
  });
});
