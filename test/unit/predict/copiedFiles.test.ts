import { describe, expect, it } from 'vitest';
import { IndexedContext } from '../../../core/predict/contextView';
import { copiedFiles } from '../../../core/predict/copiedFiles';
import { contextOf, type File } from '../support/context';
import { planOf } from '../support/plan';

const of = (path: string, bytes = 0): File => ({ path, at: 10, content: 'x'.repeat(bytes), read: false });
const FILES: readonly File[] = [
  ...[of(''), of('a.txt', 3), of('b.md', 4), of('src/'), of('src/x', 10)],
  ...[of('src/deep/'), of('src/deep/y', 20), of('src/deep/z.log', 30)],
];

/** What the last instruction of a file copies, one text for each file: destination, name in a folder, path, bytes. */
function copies(...lines: readonly string[]): string | string[] {
  const plan = planOf(['FROM scratch', ...lines].join('\n'));
  const context = new IndexedContext({
    ...{ tree: contextOf(1000, FILES), path: '/ctx', dockerfile: '/ctx/Dockerfile', patterns: ['**/ignored'] },
    ...{ builds: [], clockOffset: 0, clockMargin: 0, others: new Map(), copies: [], hashesPaths: undefined },
  });
  const found = copiedFiles(plan, plan.steps.length - 1, context);
  if (found.kind === 'unknown') return found.why;
  return found.sources.flatMap(({ destination, name, isFolder, files }) =>
    files.map(({ path, bytes }) => `${destination} ${isFolder ? '*' : name} ${path} ${bytes}`),
  );
}

describe('what an instruction copies', () => {
  it('is known for files and folders of the build context', () => {
    expect(copies('COPY src /app')).toEqual(['/app * x 10', '/app * deep/y 20', '/app * deep/z.log 30']);
    expect(copies('WORKDIR /w', 'COPY a.txt src/x ./')).toEqual(['/w/ a.txt  3', '/w/ x  10']);
    expect(copies('COPY *.txt *.md /app/')).toEqual(['/app/ a.txt  3', '/app/ b.md  4']);
    expect(copies('COPY nothing* /app/')).toEqual([]);
  });

  it('leaves out what --exclude leaves out', () => {
    expect(copies('COPY --exclude=**/*.log src /app')).toEqual(['/app * x 10', '/app * deep/y 20']);
  });

  it('is known for documents in the file', () => {
    expect(copies('COPY <<note /app/', 'zwölf', 'note')).toEqual(['/app/ note  7']);
  });

  it('is nothing for metadata', () => {
    expect(copies('ENV A=1')).toEqual([]);
    expect(copies('WORKDIR /w')).toEqual([]);
  });

  it('is not known for commands, stages, the network and archives, with the reason', () => {
    expect(copies('RUN make')).toContain('a command writes');
    expect(copies('COPY --from=busybox:1 /bin /bin')).toContain('from a stage or an image');
    expect(copies('ADD https://example.com/a /a')).toMatch(/fetch|served|network/);
    expect(copies('ADD a.txt /a')).toContain('nobody looked whether a.txt is an archive');
    expect(copies('COPY --parents src /app')).toBeTypeOf('string');
  });

  it('is not known where nobody looked at the context', () => {
    const plan = planOf('FROM scratch\nCOPY src /app');
    expect(copiedFiles(plan, 1, undefined)).toEqual({ kind: 'unknown', why: 'the build context was not looked at' });
  });
});
