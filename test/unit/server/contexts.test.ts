import { describe, expect, it } from 'vitest';
import { HashPool } from '../../../core/node/hash/pool';
import { ContextSession } from '../../../server/contexts';

describe('a change on disk', () => {
  const session = new ContextSession(
    '/work/app',
    '/work/docker/Dockerfile',
    '/state',
    new HashPool(''),
    () => undefined,
  );

  it.each([
    '/work/app',
    '/work/app/a',
    '/work/app/deep/er/file',
    '/work/app/.dockerignore',
    '/work/docker/Dockerfile.dockerignore',
  ])('concerns the context: %s', (path) => {
    expect(session.concerns(path)).toBe(true);
  });

  it.each(['/work', '/work/application/a', '/work/docker/Dockerfile', '/work/docker/other.dockerignore', '/app/a'])(
    'does not concern it: %s',
    (path) => {
      expect(session.concerns(path)).toBe(false);
    },
  );
});
