import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BuilderKind } from '../../../core/model';
import { PLAIN_REQUEST } from '../../../core/plan/graph';
import { predictProject } from '../../../core/predict/project';
import { Folder } from '../support/folder';

const NO_ENGINE = { code: 'no-engine', message: 'No engine answers.' } as const;
const TEXT = `ARG V=1
FROM busybox:1 AS tools
LABEL a=b
FROM busybox:1
LABEL a=b
COPY d /d
RUN true
CMD ["a"]
`;

/** What is said of a build by a builder that was found, but could not be asked. */
function predicted(kind: BuilderKind, text = TEXT) {
  const { tree } = new Folder().look(5000, 'd/ 755 @100', 'd/x 644 @100 =xy', 'd/y 644 @100 =z');
  return predictProject({
    ...{ text, dockerfile: '/work/Dockerfile', request: PLAIN_REQUEST, defaultPlatform: 'linux/amd64' },
    sha256: (data) => createHash('sha256').update(data).digest('hex'),
    ...{ remotes: undefined, downgrades: new Map(), baseline: 'engine', evidence: undefined },
    builder: { kind, name: '', engineVersion: null, buildkitVersion: null },
    noEvidence: NO_ENGINE,
    context: { path: '/work', tree, patterns: [], problems: [], others: new Map() },
  });
}

const verdicts = (kind: BuilderKind, text?: string): string[] =>
  predicted(kind, text).prediction.steps.map(({ instruction, verdict }) => `${instruction} ${verdict}`);

describe('a builder that could not be asked', () => {
  it('of the classic kind makes an image of each instruction, of every stage: nobody knows which are there', () => {
    expect(verdicts('classic')).toEqual([
      ...['ARG no-layer', 'FROM unknown', 'LABEL unknown', 'FROM unknown', 'LABEL unknown'],
      ...['COPY unknown', 'RUN unknown', 'CMD unknown'],
    ]);
    const said = predicted('classic').prediction.steps.slice(1);
    expect(said.map(({ reason }) => reason)).toEqual(said.map(() => NO_ENGINE));
  });

  it('of the Buildah kind does as well, but not of stages that are not needed', () => {
    expect(verdicts('buildah')).toEqual([
      ...['ARG no-layer', 'FROM unused', 'LABEL unused', 'FROM unknown', 'LABEL unknown'],
      ...['COPY unknown', 'RUN unknown', 'CMD unknown'],
    ]);
  });

  it('of the BuildKit kind has no step for metadata', () => {
    expect(verdicts('buildkit')).toContain('LABEL no-layer');
  });

  it.each(['classic', 'buildah'] as const)('%s: has no step that is certain even on nothing', (kind) => {
    expect(verdicts(kind, 'FROM scratch\nCOPY d /d\n')).toEqual(['FROM no-layer', 'COPY unknown']);
  });

  it.each(['classic', 'buildah'] as const)('%s: does not say what a variable of the base image stands for', (kind) => {
    expect(verdicts(kind, 'FROM busybox:1\nCOPY $THEIRS /d\nCOPY d $THEIRS\nWORKDIR $THEIRS\n').slice(1)).toEqual([
      ...['COPY unknown', 'COPY unknown', 'WORKDIR unknown'],
    ]);
  });

  it.each(['classic', 'buildah'] as const)('%s: says what files take, and which are missing', (kind) => {
    const { prediction, context, chain } = predicted(kind, 'FROM busybox:1\nCOPY d /d\nCOPY gone /g\n');
    expect(prediction.steps[1]?.size).toMatchObject({ bytes: 3, basis: 'exact' });
    expect(prediction.steps[2]?.verdict).toBe('fails');
    expect(prediction.problems).toMatchObject([{ code: 'copy-source-missing', line: 3 }]);
    // no content would make it certain, and nothing can be compared with it
    expect(context?.wanted.size).toBe(0);
    expect(context?.digests).toEqual([]);
    expect(chain).toBeUndefined();
  });
});
