import { describe, expect, it, vi } from 'vitest';
import type { LogOutputChannel, Memento } from 'vscode';
import { BuildProfiles } from '../../../client/builds/profiles';
import type { BuildChoicesStore, Chosen } from '../../../client/choices/buildChoices';

vi.mock('vscode', () => ({}));

const uri = 'file:///shop/Dockerfile';

/** Profiles between choices and a state that is kept. */
function setUp(kept: Record<string, unknown> = {}) {
  const chosen: Record<string, Chosen> = {};
  const choices = {
    of: (of: string) => chosen[of] ?? {},
    set: (of: string, next: Chosen) => {
      chosen[of] = next;
      return Promise.resolve();
    },
  } as unknown as BuildChoicesStore;
  const state = {
    get: (key: string, missing: unknown) => kept[key] ?? missing,
    update: (key: string, value: unknown) => {
      kept[key] = JSON.parse(JSON.stringify(value)) as unknown;
      return Promise.resolve();
    },
  } as unknown as Memento;
  return { profiles: new BuildProfiles(choices, state, {} as LogOutputChannel), chosen, kept };
}

const none = { tags: [], secrets: [], ssh: [] };

describe('build profiles', () => {
  it('keep what is chosen, and bring it back', async () => {
    const { profiles, chosen } = setUp();
    chosen[uri] = { target: 'test', buildArgs: { A: '1' }, commit: 'HEAD' };
    await profiles.save(uri, profiles.ofChoices(uri, 'ci', { ...none, tags: ['shop:ci'] }));
    chosen[uri] = { builder: 'classic', commit: 'HEAD~1' };
    await profiles.save(uri, profiles.ofChoices(uri, 'old', none));
    expect(profiles.current(uri)?.name).toBe('old');
    expect(await profiles.use(uri, 'ci')).toBe(true);
    expect(profiles.current(uri)?.tags).toEqual(['shop:ci']);
    // what is compared with is no part of a profile
    expect(chosen[uri]).toEqual({ target: 'test', buildArgs: { A: '1' }, commit: 'HEAD~1' });
    expect(await profiles.use(uri, 'gone')).toBe(false);
  });

  it('never keep values of arguments that look like secrets, and ask for them again', async () => {
    const { profiles, chosen, kept } = setUp();
    chosen[uri] = { buildArgs: { NPM_TOKEN: 'hunter2', A: '1' } };
    await profiles.save(uri, profiles.ofChoices(uri, 'default', none));
    expect(JSON.stringify(kept)).not.toContain('hunter2');
    expect(profiles.missingSecrets(uri)).toEqual([]);
    // in this window they are still there
    await profiles.use(uri, 'default');
    expect(chosen[uri].buildArgs).toEqual({ A: '1', NPM_TOKEN: 'hunter2' });
    expect(setUp(kept).profiles.missingSecrets(uri)).toEqual(['NPM_TOKEN']);
  });

  it('are renamed and forgotten', async () => {
    const { profiles, kept } = setUp();
    await profiles.save(uri, profiles.ofChoices(uri, 'a', none));
    await profiles.save(uri, profiles.ofChoices(uri, 'b', none), 'a');
    expect(profiles.of(uri).map(({ name }) => name)).toEqual(['b']);
    await profiles.remove(uri, 'b');
    expect(profiles.current(uri)).toBeUndefined();
    expect(kept['buildProfiles']).toEqual({});
  });
});
