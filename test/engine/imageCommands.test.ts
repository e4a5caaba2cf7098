import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { engineCommand, exportImage } from '../judge/imageFiles.js';
import { asArray, at, parseJson } from '../judge/json.js';
import { engineForSuite } from './engine.js';
import { EngineEar, engineSocket } from './engineEar.js';
import { CLI, layerInsight, layersOf, refusalOf } from './imageUnderTest.js';

const SUITE = 'commands for images of an engine';
const engine = await engineForSuite(SUITE);
const socket = engine === undefined ? undefined : await engineSocket();

const IS_EXPORT = /^GET \S*\/images\/\S+\/get/;

describe.skipIf(engine === undefined)(SUITE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-commands-'));
  const run = randomUUID().slice(0, 8);
  const image = (name: string): string => `layer-insight-test/commands-${run}:${name}`;
  const env = { XDG_CACHE_HOME: join(folder, 'cache') };
  const ownCache = (name: string) => ({ XDG_CACHE_HOME: join(folder, name) });

  beforeAll(async () => {
    const base = await ensureBaseImage();
    const context = join(folder, 'context');
    await mkdir(context);
    await writeFile(join(context, 'six.txt'), '12345\n');
    const build = async (name: string, lines: readonly string[]): Promise<void> => {
      await writeFile(join(folder, 'Dockerfile'), lines.join('\n'));
      const options = ['--quiet', '--provenance=false', '--tag', image(name), '--file', join(folder, 'Dockerfile')];
      await engineCommand('docker', ['build', ...options, context]);
    };
    await build('below', [`FROM ${base}`, 'RUN mkdir /app && echo one > /app/one && echo two > /app/two']);
    await build('above', [
      `FROM ${image('below')}`,
      'RUN echo another > /app/one && rm /app/two',
      'RUN chmod 600 /app',
    ]);
    await build('other', [
      `FROM ${base}`,
      'RUN mkdir /app && echo ONE > /app/one && ln -s one /app/two && echo 3 > /x',
    ]);
    await build('twice', ['FROM scratch', 'COPY six.txt /a', 'COPY --chmod=600 six.txt /a']);
  });
  afterAll(async () => {
    const names = ['below', 'above', 'other', 'twice'].map(image);
    await engineCommand('docker', ['image', 'rm', '--force', ...names]);
    await rm(folder, { recursive: true, force: true });
  });

  describe.skipIf(socket === undefined)('what the engine is asked', () => {
    const ear = new EngineEar(join(folder, 'ear.sock'), socket ?? '');
    const heard = { ...ownCache('heard'), DOCKER_HOST: `unix://${ear.path}` };
    const exports = (): number => ear.requests.splice(0).filter((line) => IS_EXPORT.test(line)).length;
    beforeAll(() => ear.start());
    afterAll(() => ear.stop());

    it('is the content of an image once, and of one whose layers are known never', async () => {
      const first = await layersOf(image('above'), heard, ['--files']);
      expect(exports()).toBe(1);
      expect(await layersOf(image('above'), heard, ['--files'])).toEqual(first);
      expect(exports()).toBe(0);
      // all of its layers are those of the other one
      await layersOf(image('below'), heard);
      expect(exports()).toBe(0);
      await layersOf(image('other'), heard);
      expect(exports()).toBe(1);
    });

    it('is noted once for a layer that several images have', async () => {
      const all = await Promise.all(['above', 'below', 'other'].map((name) => layersOf(image(name), heard)));
      const known = new Set(all.flatMap(({ layers }) => layers.map(({ diffId }) => diffId.slice('sha256:'.length))));
      const kept = readdirSync(join(heard.XDG_CACHE_HOME, 'layer-insight/layers'));
      expect(kept.sort()).toEqual([...known].sort().map((hex) => `${hex}.layer`));
    });

    it('has an end when the command is stopped, and nothing is left', { timeout: 30_000 }, async () => {
      ear.unanswered = IS_EXPORT;
      const cache = ownCache('stopped');
      const child = spawn(process.execPath, [CLI, 'layers', image('above')], {
        env: { ...process.env, ...heard, ...cache },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'close');
      await expect.poll(() => ear.requests.some((line) => IS_EXPORT.test(line))).toBe(true);
      const stopped = performance.now();
      child.kill('SIGINT');
      await ended;
      expect(performance.now() - stopped).toBeLessThan(3000);
      expect(child.exitCode).not.toBe(0);
      await expect.poll(() => ear.open).toBe(0);
      expect(existsSync(cache.XDG_CACHE_HOME) ? readdirSync(cache.XDG_CACHE_HOME, { recursive: true }) : []).toEqual(
        [],
      );
      ear.unanswered = undefined;
    });

    it('where there is none is a refusal that says where it was looked for', async () => {
      const away = { ...ownCache('away'), DOCKER_HOST: `unix://${join(folder, 'nobody.sock')}` };
      const refusal = refusalOf(await layerInsight(['layers', image('above'), '--json'], away));
      expect(refusal).toContain(join(folder, 'nobody.sock'));
    });
  });

  it.each(['/no/such/file.tar', './gone.tar.gz', '..', '/tmp', 'a//b', 'a/../b', 'UPPER:1', 'a b', '', 'x?y', '%2e'])(
    'refuses "%s", which is neither a file nor an image',
    async (name) => {
      const refusal = refusalOf(await layerInsight(['layers', name], env));
      expect(refusal.split('\n')).toHaveLength(1);
      expect(refusal).toMatch(
        /^layer-insight: .* is (?:not there|not on this engine|neither an image archive nor the folder)/,
      );
      expect(refusal).toContain(`: ${name} is`);
    },
  );

  it('refuses another platform than the image has', async () => {
    const platform = (await layersOf(image('twice'), env)).image.platform;
    expect((await layersOf(image('twice'), env, ['--platform', platform])).image.platform).toBe(platform);
    const refused = await layerInsight(['layers', image('twice'), '--platform', 'linux/s390x'], env);
    expect(refusalOf(refused)).toContain(`${image('twice')} is ${platform} on this engine`);
    expect(refusalOf(refused)).toContain('linux/s390x');
  });

  describe('rules', () => {
    const check = (cwd: string, args: readonly string[] = [], name = 'twice') =>
      layerInsight(['layers', image(name), '--ci', ...args], env, cwd);
    const place = async (name: string, file?: string): Promise<string> => {
      const cwd = join(folder, name);
      await mkdir(cwd);
      if (file !== undefined) await writeFile(join(cwd, '.dive-ci'), file);
      return cwd;
    };

    it("are dive's own where nothing is said: half of the bytes twice is too much", async () => {
      const cwd = await place('defaults');
      const failed = await check(cwd);
      expect([failed.code, failed.stderr]).toEqual([1, '']);
      expect(failed.stdout).toMatch(/FAIL {2}highestUserWastedPercent \(2 /);
      expect(failed.stdout).toMatch(/SKIP {2}highestWastedBytes/);
      expect(failed.stdout).toMatch(/FAIL {2}lowestEfficiency \(0\.5 /);
      expect(failed.stdout.trimEnd()).toMatch(/^FAIL$/m);
      const passed = await check(cwd, [], 'below');
      expect([passed.code, passed.stderr]).toEqual([0, '']);
      expect(passed.stdout.trimEnd()).toMatch(/\nPASS$/);
    });

    it('come from a file that is written for dive', async () => {
      const rules = (bytes: string) =>
        `rules:\n  lowestEfficiency: 0.5\n  highestWastedBytes: ${bytes}\n  highestUserWastedPercent: disabled\nother: 1\n`;
      const passing = await place('passing', rules('12B'));
      expect((await check(passing)).code).toBe(0);
      expect((await check(await place('failing', rules('11B')))).code).toBe(1);
      // another file, and what the command line says above it
      expect((await check(folder, ['--ci-config', join(passing, '.dive-ci')])).code).toBe(0);
      const json = await check(passing, ['--highestWastedBytes', '0', '--json']);
      expect(json.code).toBe(1);
      const ci = at(parseJson(json.stdout), 'ci');
      expect(at(ci, 'passed')).toBe(false);
      const states = asArray(at(ci, 'rules')).map((rule) => [at(rule, 'rule'), at(rule, 'status')].join(' '));
      expect(states.sort()).toEqual([
        'highestUserWastedPercent skip',
        'highestWastedBytes fail',
        'lowestEfficiency pass',
      ]);
    });

    it('that nobody can follow are refused by their name', async () => {
      const high = await place('too-high', 'rules:\n  lowestEfficiency: "2"\n');
      expect(refusalOf(await check(high))).toMatch(/lowestEfficiency: "2"/);
      const broken = await place('no-yaml', 'rules: [\n');
      expect(refusalOf(await check(broken))).toContain('.dive-ci is no YAML');
      expect(refusalOf(await check(folder, ['--highestWastedBytes', '3 bananas']))).toContain('3 bananas');
      const without = await layerInsight(['layers', image('twice'), '--lowestEfficiency', '1'], env);
      expect(refusalOf(without)).toContain('--ci');
    });
  });

  describe('the difference of two images', () => {
    const difference = async (before: string, after: string): Promise<unknown> => {
      const result = await layerInsight(['diff', before, after, '--json'], env);
      expect([result.code, result.stderr]).toEqual([0, '']);
      return parseJson(result.stdout);
    };
    const files = (document: unknown): readonly string[] =>
      asArray(at(document, 'files')).map((file) => [at(file, 'change'), at(file, 'path')].join(' '));

    it('is what their containers see', async () => {
      const [above, other] = [image('above'), image('other')];
      const [before, after] = [await exportImage('docker', above), await exportImage('docker', other)];
      const found = await difference(above, other);
      const paths = [...new Set([...before.lines.keys(), ...after.lines.keys()])].sort();
      const expected = paths.flatMap((path) => {
        const [old, now] = [before.lines.get(path), after.lines.get(path)];
        if (old === now) return [];
        return `${old === undefined ? 'added' : now === undefined ? 'removed' : 'there'} ${path}`;
      });
      expect(files(found).map((line) => line.replace(/^(?:modified|metadata)/, 'there'))).toEqual(expected);
      expect(files(found)).toEqual(['metadata app', 'modified app/one', 'added app/two', 'added x']);
      expect([at(found, 'visibleBefore'), at(found, 'visibleAfter')]).toEqual([before.bytes, after.bytes]);
    });

    it('finds the same content in an archive, and another one of the same size', async () => {
      const archive = join(folder, 'above.tar');
      await engineCommand('docker', ['save', '--output', archive, image('above')]);
      expect(files(await difference(image('above'), archive))).toEqual([]);
      const same = asArray(at(await difference(archive, image('above')), 'layers')).map((pair) => at(pair, 'kind'));
      expect(same).toEqual(['same', 'same', 'same', 'same']);
      expect(files(await difference(image('below'), image('other')))).toContain('modified app/one');
    });

    it('is readable', async () => {
      const result = await layerInsight(['diff', image('below'), image('above')], env);
      expect(result.code).toBe(0);
      expect(result.stdout).toContain(`${image('below')} → ${image('above')}`);
      expect(result.stdout).toContain('Files: 0 added, 1 removed, 1 modified, 1 with another mode or owner');
      expect(result.stdout).toMatch(/- +-4 B {2}\/app\/two\n/);
      expect(result.stdout).toMatch(/~ +\+4 B {2}\/app\/one\n/);
    });

    it('with an image that is not there is a refusal that names it', async () => {
      const refused = await layerInsight(['diff', image('below'), image('never')], env);
      expect(refusalOf(refused)).toContain(image('never'));
    });
  });
});
