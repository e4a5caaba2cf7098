import { describe, expect, it } from 'vitest';
import type { StepFacts } from '../../../core/chain/facts';
import { HOSTS, type Asked, type ChainHost } from '../ledger/chainSession';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');

/** What the step of a line is made of. */
function factsOf(host: ChainHost, text: string, line: number, asked: Asked = {}): StepFacts {
  const { prediction, chain } = host.project(text, { files: ['d/ 755 @1', 'd/a 644 @1 =a'], ...asked });
  const basis = chain();
  const steps = basis.stages.flatMap(({ steps: own }) => [undefined, ...own]);
  const index = prediction.steps.findIndex((step) => step.line.start === line) - basis.globals;
  const facts = steps[index]?.facts;
  if (facts === undefined) throw new Error(`nothing is known of line ${line}`);
  return facts;
}

describe.each(HOSTS)('what a step is made of with %s', (_, make) => {
  const different = (a: StepFacts, b: StepFacts): string[] =>
    Object.keys({ ...a.parts, ...b.parts }).filter((part) => a.parts[part] !== b.parts[part]);

  it('is told by digests that are too short to try values', () => {
    const { parts, args } = factsOf(make(), stage('ARG A', 'RUN echo $A'), 3, { args: { A: 'hunter2' } });
    expect(args).toEqual([['A', expect.stringMatching(/^[0-9a-f]{8}$/)]]);
    for (const digest of Object.values(parts)) expect(digest).toMatch(/^[0-9a-f]{8}$/);
  });

  it('has the arguments of a RUN apart from its command', () => {
    const host = make();
    const text = stage('ARG A', 'RUN echo $A');
    const [one, two] = ['1', '2'].map((A) => factsOf(host, text, 3, { args: { A } }));
    expect(one?.parts).toEqual(two?.parts);
    expect(one?.args).not.toEqual(two?.args);
    const other = factsOf(host, stage('ARG A', 'RUN printf $A'), 3, { args: { A: '1' } });
    expect(other.args).toEqual(one?.args);
    expect(different(other, one ?? other)).toEqual(['args']);
  });

  it('has the variables that a line sets, not those that were there', () => {
    const facts = factsOf(make(), stage('ENV BEFORE=1', 'ENV ONE=1 TWO=2'), 3);
    expect(facts.env?.map(([name]) => name)).toEqual(['ONE', 'TWO']);
  });

  it('does not tell names that come from values', () => {
    const host = make();
    const asked = { args: { A: 'hunter2' } };
    expect(factsOf(host, stage('ARG A', 'ENV $A=1'), 3, asked).env).toEqual([]);
    expect(factsOf(host, stage('ARG A', 'LABEL $A=1'), 3, asked).labels).toEqual([]);
    expect(JSON.stringify(factsOf(host, stage('ARG A', 'ARG $A=1', 'RUN x'), 4, asked))).not.toContain('hunter2');
  });

  it('has what a copy takes, and whether a variable says it', () => {
    const host = make();
    expect(factsOf(host, stage('COPY d /d'), 2).takes).toMatchObject({ sources: ['d'], isWritten: true });
    const named = factsOf(host, stage('ARG P', 'COPY $P /d'), 3, { args: { P: 'd' } });
    expect(named.takes).toMatchObject({ sources: ['d'], isWritten: false });
    const staged = factsOf(host, `FROM busybox:1 AS a\nRUN x\nFROM busybox:1\nCOPY --from=a /x /x\n`, 4);
    expect(staged.takes).toBeUndefined();
  });
});
