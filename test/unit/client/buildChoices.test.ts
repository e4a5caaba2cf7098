import { describe, expect, it, vi } from 'vitest';
import type { LogOutputChannel, Memento } from 'vscode';
import { BuildChoicesStore } from '../../../client/choices/buildChoices';
import { looksSecret } from '../../../client/choices/secrets';
import type { LanguageServer, ServerState } from '../../../client/languageServer';
import type { BuildChoices } from '../../../server/protocol';

vi.mock('vscode', () => ({}));

const uri = 'file:///shop/Dockerfile';

/** The store between a state that is kept and a server that listens. */
function setUp(kept: Record<string, unknown> = {}) {
  const sent: BuildChoices[] = [];
  let start: (state: ServerState) => void = () => undefined;
  const server = {
    onDidChangeState: (listener: (state: ServerState) => void) => {
      start = listener;
      return { dispose: () => undefined };
    },
    choose: (choices: BuildChoices) => sent.push(choices),
  } as unknown as LanguageServer;
  const state = {
    get: (key: string, missing: unknown) => kept[key] ?? missing,
    update: (key: string, value: unknown) => {
      kept[key] = value;
      return Promise.resolve();
    },
  } as unknown as Memento;
  const choices = new BuildChoicesStore(server, state, {} as LogOutputChannel);
  return { choices, sent, kept, restart: () => start('running') };
}

describe('choices for builds', () => {
  it('are told, remembered, and told again to a new server', async () => {
    const { choices, sent, kept, restart } = setUp();
    await choices.set(uri, { target: 'test', buildArgs: { NAME: 'a' } });
    const expected = { uri, target: 'test', buildArgs: { NAME: 'a' } };
    expect(sent).toEqual([expected]);
    restart();
    expect(sent).toEqual([expected, expected]);
    const next = setUp(kept);
    next.restart();
    expect(next.sent).toEqual([expected]);
  });

  it('with secrets are told but not kept', async () => {
    const { choices, sent, kept } = setUp();
    await choices.set(uri, { buildArgs: { NPM_TOKEN: 'hunter2', NAME: 'a' } });
    expect(sent.at(-1)?.buildArgs).toEqual({ NPM_TOKEN: 'hunter2', NAME: 'a' });
    expect(choices.of(uri).buildArgs).toEqual({ NPM_TOKEN: 'hunter2', NAME: 'a' });
    expect(JSON.stringify(kept)).not.toContain('hunter2');
    expect(JSON.stringify(kept)).not.toContain('NPM_TOKEN');
    expect(setUp(kept).choices.of(uri).buildArgs).toEqual({ NAME: 'a' });
  });

  it('are forgotten when nothing is chosen any more', async () => {
    const { choices, sent, kept } = setUp();
    await choices.set(uri, { target: 'test', buildArgs: { API_KEY: 'x' } });
    await choices.set(uri, {});
    expect(sent.at(-1)).toEqual({ uri });
    expect(choices.of(uri)).toEqual({});
    expect(kept).toEqual({ buildChoices: {} });
  });
});

describe('names of arguments that look like secrets', () => {
  it.each(['NPM_TOKEN', 'db_password', 'PASSPHRASE', 'AWS_SECRET_ACCESS', 'API_KEY', 'Credentials', 'BASIC_AUTH'])(
    '%s does',
    (name) => expect(looksSecret(name)).toBe(true),
  );
  it.each(['VERSION', 'NODE_ENV', 'TARGETPLATFORM', 'SHOP_NAME', 'GIT_SHA'])('%s does not', (name) =>
    expect(looksSecret(name)).toBe(false),
  );
});
