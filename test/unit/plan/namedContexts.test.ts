import { describe, expect, it } from 'vitest';
import { NamedContexts } from '../../../core/plan/namedContexts';
import { planOf } from '../support/plan';

describe('named build contexts', () => {
  const contexts = new NamedContexts(
    new Map([
      ['base', 'docker-image://alpine:3'],
      ['busybox:1', '/some/folder'],
      ['scratch', 'docker-image://alpine'],
    ]),
  );

  it.each([
    ['base', { kind: 'image', reference: 'docker.io/library/alpine:3' }],
    ['base:latest', { kind: 'image', reference: 'docker.io/library/alpine:3' }],
    ['docker.io/library/busybox:1', { kind: 'content', name: 'busybox:1' }],
    ['busybox', undefined],
    ['scratch', undefined],
  ])('of %s are %j', (name, expected) => {
    expect(contexts.find(name)).toEqual(expected);
  });

  it('take the place of a base image', () => {
    const text = 'FROM busybox:1\nRUN x\n';
    const image = planOf({ text, buildContexts: new Map([['busybox:1', 'docker-image://alpine:3']]) });
    expect(image.vertices[0]?.op).toMatchObject({ kind: 'image', ref: 'docker.io/library/alpine:3' });
    const folder = planOf({ text, buildContexts: new Map([['busybox:1', './other']]) });
    expect(folder.vertices[0]).toMatchObject({ op: { kind: 'opaque' } });
    expect(folder.vertices[0]?.uncovered).toContain('busybox:1');
  });

  it('take the place of a stage, whose own steps are not needed then', () => {
    const text = 'FROM a AS deps\nRUN x\nFROM b\nCOPY --from=deps /x /y\n';
    const plan = planOf({ text, buildContexts: new Map([['deps', './deps']]) });
    expect(plan.steps.filter((step) => step.instruction === 'RUN')).toMatchObject([{ reachable: false }]);
    expect(plan.vertices.map(({ op }) => op.kind)).toEqual(['opaque', 'image', 'file']);
    expect(plan.images).toEqual(['docker.io/library/b:latest']);
  });

  it('are what COPY --from and mounts name', () => {
    const text = 'FROM a\nCOPY --from=files /x /y\nRUN --mount=from=files,target=/f x\n';
    const plan = planOf({ text, buildContexts: new Map([['files', './files']]) });
    expect(plan.vertices.filter(({ op }) => op.kind === 'opaque')).toHaveLength(1);
  });
});
