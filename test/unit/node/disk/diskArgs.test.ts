import { describe, expect, it } from 'vitest';
import { parseDiskArguments } from '../../../../core/node/cli/diskArgs';

describe('arguments of disk', () => {
  it('name the engine, the container and the data root', () => {
    expect(parseDiskArguments([])).toEqual({ engine: 'auto', json: false, changes: undefined, dataRoot: undefined });
    expect(parseDiskArguments(['--engine', 'podman', '--json', '--changes', 'web', '--data-root', '/d'])).toEqual({
      ...{ engine: 'podman', json: true, changes: 'web', dataRoot: '/d' },
    });
  });

  it('are refused where they mean nothing', () => {
    for (const argv of [['--engine', 'none'], ['image'], ['--changes', ''], ['--what'], ['--changes']]) {
      expect(() => parseDiskArguments(argv)).toThrow();
    }
  });
});
