import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDockerfileLines } from './dockerfileLines.js';
import type { HistoryEntry } from './images.js';
import { buildArguments } from './judge.js';
import { assignLayerBytes } from './layerBytes.js';
import { judgeLines, type JudgedLine } from './lines.js';
import { readProgress } from './progress.js';
import { readProvenance } from './provenance.js';

/** A build that was recorded on Docker 28.5.2 (BuildKit 0.25.2); see test/fixtures/judge. */
interface Recording {
  readonly succeeded: boolean;
  readonly dockerfile: readonly string[];
  readonly stderr: readonly string[];
  readonly provenance: unknown;
  readonly history?: readonly HistoryEntry[];
}

const FIXTURES = join(import.meta.dirname, '../fixtures/judge');

function judgeRecording(name: string): JudgedLine[] {
  const recording = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Recording;
  const provenance = readProvenance(recording.provenance);
  const lines = judgeLines({
    file: readDockerfileLines(recording.dockerfile.join('\n')),
    progress: readProgress(recording.stderr.join('\n')),
    provenance,
    succeeded: recording.succeeded,
    target: undefined,
  });
  return recording.history && provenance ? assignLayerBytes(lines, provenance, recording.history) : lines;
}

/** `line keyword outcome`, without FROM and metadata. */
function summary(lines: readonly JudgedLine[]): string[] {
  return lines
    .filter((one) => ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(one.instruction))
    .map((one) => `${one.line.start} ${one.instruction} ${one.outcome}${one.merged ? ' (merged)' : ''}`);
}

describe('a build that succeeded', () => {
  it('names what was cached, executed and not needed, line by line', () => {
    expect(summary(judgeRecording('two-stages'))).toEqual([
      '3 RUN cached',
      '4 COPY cached',
      '5 RUN cached',
      '10 RUN not-needed',
      '14 WORKDIR no-step',
      '15 WORKDIR cached',
      '16 COPY cached',
      '17 COPY cached',
      '20 RUN executed',
    ]);
  });

  it('covers the whole range of a continued instruction and of a here-document', () => {
    const lines = judgeRecording('two-stages');
    expect(lines.find((one) => one.line.start === 5)?.line).toEqual({ start: 5, end: 7 });
    expect(lines.find((one) => one.line.start === 17)?.line).toEqual({ start: 17, end: 19 });
  });

  it('gives layer bytes to the exported chain and null to builder stages', () => {
    const bytes = judgeRecording('two-stages')
      .filter((one) => one.step !== undefined)
      .map((one) => one.layerBytes);
    // RUN, COPY, RUN of the builder; WORKDIR, COPY --from (2 bytes), COPY <<EOF (6), RUN (6 linked twice + 5000)
    expect(bytes).toEqual([null, null, null, 0, 2, 6, 5006]);
  });

  it('gives no size when the image history does not tell the same story', () => {
    const recording = JSON.parse(readFileSync(join(FIXTURES, 'two-stages.json'), 'utf8')) as Recording;
    const provenance = readProvenance(recording.provenance);
    if (!provenance || !recording.history) throw new Error('the recording is incomplete');
    const lines = judgeRecording('two-stages').map((one) => ({ ...one, layerBytes: null }));
    const shifted = recording.history.slice(1);
    expect(assignLayerBytes(lines, provenance, shifted).every((one) => one.layerBytes === null)).toBe(true);
  });

  it('reads SLSA v1 provenance to the same judgement', () => {
    expect(summary(judgeRecording('two-stages-slsa-v1'))).toEqual(summary(judgeRecording('two-stages')));
  });

  it('does not take the cache-key computation of a first WORKDIR on scratch for its execution', () => {
    expect(summary(judgeRecording('scratch-first'))).toEqual(['2 WORKDIR executed', '3 COPY executed']);
    expect(summary(judgeRecording('scratch-cached'))).toEqual(['2 WORKDIR cached', '3 COPY cached']);
  });

  it('marks a step that is cached only because its twin ran in the same build', () => {
    expect(summary(judgeRecording('merged'))).toEqual([
      '2 RUN executed',
      '3 COPY executed',
      '4 RUN executed',
      '7 RUN executed',
      '8 COPY cached (merged)',
      '9 RUN cached (merged)',
      '10 RUN executed',
      '13 COPY executed',
      '14 COPY executed',
    ]);
  });
});

describe('a build that failed', () => {
  it('does not believe the cached marks that a failed cache key leaves behind', () => {
    expect(summary(judgeRecording('failed-missing-source'))).toEqual([
      '2 RUN not-reached', // also reported as cached, then killed while it ran
      '3 WORKDIR no-step',
      '4 COPY unknown', // reported as cached, yet this was the first build that had it
      '5 COPY failed',
      '6 RUN not-reached',
      '9 RUN not-needed',
      '13 RUN executed',
      '14 RUN not-reached',
      '15 COPY not-reached',
    ]);
  });

  it('tells the failing RUN from a sibling that was only killed', () => {
    expect(summary(judgeRecording('failed-run'))).toEqual([
      '2 RUN executed',
      '3 WORKDIR no-step',
      '4 COPY executed',
      '5 RUN failed',
      '7 RUN not-reached',
      '10 RUN not-needed',
      '14 RUN cached',
      '15 RUN not-reached',
      '16 COPY not-reached',
    ]);
  });

  it('does not take the steps of a stage for their neighbours where a trigger is counted that makes no step', () => {
    const lines = judgeRecording('failed-below-trigger');
    expect(lines.find((one) => one.line.start === 4)?.outcome).not.toBe('failed');
  });

  it('blames the line of a parse error and says that nothing else was reached', () => {
    const lines = judgeRecording('failed-parse');
    expect(lines.filter((one) => one.outcome === 'failed').map((one) => one.line.start)).toEqual([5]);
    expect(lines.some((one) => one.outcome === 'cached' || one.outcome === 'executed')).toBe(false);
  });
});

describe('every recording', () => {
  it.each(readdirSync(FIXTURES).map((file) => file.replace(/\.json$/, '')))(
    '%s has one entry per instruction',
    (name) => {
      const recording = JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Recording;
      const lines = judgeRecording(name);
      expect(lines.map((one) => one.line.start)).toEqual(
        readDockerfileLines(recording.dockerfile.join('\n')).instructions.map((one) => one.start),
      );
      expect(lines.filter((one) => one.instruction === 'FROM').every((one) => one.outcome === 'not-judged')).toBe(true);
    },
  );
});

describe('the build command', () => {
  it('passes every option as an argument of its own', () => {
    const args = buildArguments(
      {
        context: '/ctx dir',
        dockerfile: '/ctx dir/D file',
        target: 'final',
        buildArgs: { A: 'x y', B: '' },
        noCache: true,
        noCacheFilter: ['s1', 's2'],
        extraArgs: ['--pull=false'],
      },
      '/m.json',
      undefined,
    );
    expect(args).toEqual([
      ...['buildx', 'build', '--progress=rawjson', '--metadata-file', '/m.json', '--file', '/ctx dir/D file'],
      ...['--target', 'final', '--build-arg', 'A=x y', '--build-arg', 'B=', '--no-cache'],
      ...[
        '--no-cache-filter',
        's1',
        '--no-cache-filter',
        's2',
        '--output',
        'type=cacheonly',
        '--pull=false',
        '/ctx dir',
      ],
    ]);
  });
});
