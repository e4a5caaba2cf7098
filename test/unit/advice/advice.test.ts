import { describe, expect, it } from 'vitest';
import { imageAdvice } from '../../../core/advice/imageAdvice';
import { parseDockerfile } from '../../../core/dockerfile/dockerfile';
import { Analysing } from '../../../core/image/analysis';
import { layer } from '../support/layers';

/** One layer for each line of a Dockerfile after FROM, on one layer of a base. */
function advise(steps: readonly (readonly [instruction: string, ...entries: string[]])[], same = true, least = 1) {
  const text = ['FROM base', ...steps.map(([instruction]) => instruction), ''].join('\n');
  const layers = [layer('etc/base 50'), ...steps.map(([, ...lines]) => layer(...lines))];
  const description = { id: '', names: [], platform: '', history: [], layers: [] };
  const image = { description, layers: layers.map((entries) => ({ diffId: '', digest: '', entries })) };
  const analysis = new Analysing(image).result(1, () => same);
  const lines = layers.map((_, index) => (index === 0 ? undefined : index + 1));
  const { instructions } = parseDockerfile(text).value;
  return imageAdvice({ analysis, lines, instructions }, least, (bytes) => `${bytes} B`);
}
const told = (...args: Parameters<typeof advise>): string[] =>
  advise(...args).map(({ code, line, bytes }) => `${code} ${line.start} ${bytes}`);

describe('files that a later instruction deletes', () => {
  const steps = [
    ['RUN make', 'src/a 10', 'src/b 20'],
    ['RUN rm -rf /src', '.wh.src'],
  ] as const;

  it('are told at the instruction that deletes them, with their bytes and where they come from', () => {
    const [advice] = advise(steps);
    expect(advice).toMatchObject({ code: 'deleted-later', bytes: 30, line: { start: 3 }, edits: [] });
    expect(advice?.message).toContain('30 B that line 2 stored stay in the image');
    expect(advice?.related).toEqual([{ line: { start: 2, end: 2 }, message: 'stored here' }]);
  });

  it('are not told when they are the base image’s, or too small', () => {
    expect(told([['RUN rm /etc/base', 'etc/.wh.base']])).toEqual([]);
    expect(told(steps, true, 31)).toEqual([]);
  });

  it('are no deletion when another content replaces them', () => {
    expect(
      told([
        ['RUN a', 'f 10'],
        ['RUN b', 'f 11'],
      ]),
    ).toEqual([]);
  });
});

describe('files that are stored again for their mode or owner', () => {
  const twice = (run: string, copy = 'COPY f /app/f') =>
    advise([
      [copy, 'app/f 10'],
      [run, 'app/f 10'],
    ]);

  it('are told, with the change that does without where it is one COPY and one chmod', () => {
    const [advice] = twice('RUN chmod 755 /app/f');
    expect(advice).toMatchObject({ code: 'stored-again', bytes: 10, line: { start: 3 } });
    expect(advice?.edits).toEqual([
      {
        kind: 'dockerfile',
        title: 'Use COPY --chmod=755 and remove the RUN (sets it for all that is copied)',
        replacements: [
          { line: { start: 2, end: 2 }, text: 'COPY --chmod=755 f /app/f' },
          { line: { start: 3, end: 3 }, text: undefined },
        ],
      },
    ]);
    expect(twice('RUN chown -R app:app /app/f/')[0]?.edits).toHaveLength(1);
  });

  it.each([
    ['words for modes', 'RUN chmod +x /app/f', undefined],
    ['more than one command', 'RUN chmod 755 /app/f && make', undefined],
    ['another path', 'RUN chmod 755 /app', undefined],
    ['an owner that is set already', 'RUN chmod 755 /app/f', 'COPY --chown=1 f /app/f'],
  ])('have no change for %s', (_, run, copy) => {
    const [advice] = twice(run, copy);
    expect(advice?.code).toBe('stored-again');
    expect(advice?.edits).toEqual([]);
  });

  it('are only told when the content is known to be the same', () => {
    expect(
      told(
        [
          ['COPY f /f', 'f 10'],
          ['RUN x', 'f 10'],
        ],
        false,
      ),
    ).toEqual([]);
  });
});

describe('caches of package managers', () => {
  it('are told at the RUN that leaves them, with what to do', () => {
    const advice = advise([['RUN apt-get update', 'var/lib/apt/lists/a 10', 'var/lib/apt/lists/b 5', 'usr/bin/x 1']]);
    expect(advice).toMatchObject([{ code: 'package-cache-left', bytes: 15, line: { start: 2 } }]);
    expect(advice[0]?.message).toContain('rm -rf /var/lib/apt/lists/*');
  });

  it('are not told when a later instruction removes them: then those bytes are what it deletes', () => {
    expect(
      told([
        ['RUN apk add x', 'var/cache/apk/i 10'],
        ['RUN rm -rf /var/cache/apk', 'var/cache/.wh.apk'],
      ]),
    ).toEqual(['deleted-later 3 10']);
  });

  it('are not told of what was copied', () => {
    expect(told([['COPY cache /root/.npm', 'root/.npm/_cacache/x 10']])).toEqual([]);
  });
});
