import { describe, expect, it } from 'vitest';
import { Dependences } from './dependence.js';
import { readProvenance } from './provenance.js';

const copy = (secondaryInput: number) => ({ input: 0, secondaryInput, Action: { copy: { src: '/x', dest: '/y' } } });
const document = { file: { actions: [{ input: -1, secondaryInput: -1, Action: { mkfile: { path: '/d' } } }] } };
const STEPS = [
  { id: 'base', op: { Op: { source: { identifier: 'docker-image://b' } } } },
  { id: 'context', op: { Op: { source: { identifier: 'local://context' } } } },
  { id: 'run', op: { Op: { exec: { mounts: [{ dest: '/' }] } } }, inputs: ['base:0'] },
  { id: 'copied', op: { Op: { file: { actions: [copy(1)] } } }, inputs: ['run:0', 'context:0'] },
  { id: 'from', op: { Op: { file: { actions: [copy(1)] } } }, inputs: ['base:0', 'copied:0'] },
  { id: 'after', op: { Op: { exec: { mounts: [{ dest: '/' }] } } }, inputs: ['from:0'] },
  {
    id: 'mounted',
    op: { Op: { exec: { mounts: [{ dest: '/' }, { dest: '/m', input: 1, readonly: true }] } } },
    inputs: ['base:0', 'run:0'],
  },
  {
    id: 'written',
    op: { Op: { exec: { mounts: [{ dest: '/' }, { dest: '/m', input: 1 }] } } },
    inputs: ['base:0', 'run:0'],
  },
  { id: 'doc', op: { Op: document } },
  { id: 'inline', op: { Op: { file: { actions: [copy(1)] } } }, inputs: ['base:0', 'doc:0'] },
];

function dependences(...executed: string[]): Dependences {
  const mapping = Object.fromEntries(STEPS.map(({ id }) => [`sha256:${id}`, id]));
  const provenance = readProvenance({ buildConfig: { llbDefinition: STEPS, digestMapping: mapping } });
  if (!provenance) throw new Error('no provenance');
  const results = [...provenance.steps.values()].map((step) => ({
    step,
    result: { outcome: executed.includes(step.id) ? ('executed' as const) : ('cached' as const), durationMs: 1 },
  }));
  return new Dependences(provenance, results);
}

describe('what the outcome of a step depended on', () => {
  it('is the output of a step of this build, also for all that stands on it', () => {
    const found = dependences('copied', 'run');
    const open = STEPS.map(({ id }) => id).filter((id) => found.of(id).output);
    expect(open).toEqual(['from', 'after', 'mounted']);
  });

  it('is nothing new when all is cached, nor when an inline document is made', () => {
    expect(STEPS.filter(({ id }) => dependences('doc').of(id).output)).toEqual([]);
  });

  it('is the build context, also through other stages', () => {
    const found = dependences();
    expect(STEPS.map(({ id }) => id).filter((id) => found.of(id).context)).toEqual([
      ...['context', 'copied', 'from', 'after'],
    ]);
  });
});
