import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { EngineSession } from '../../../../server/engines';
import { readSettings } from '../../../../server/settings';
import { byCommands } from './fakeDocker';
import { recording } from './recording';
import { Machine } from './setup';

it('asks an engine that tells no events again only when somebody wants to know', async () => {
  const machine = new Machine({ '': byCommands(recording(['first'])) });
  await machine.engine();
  const settings = { ...readSettings({}), dockerPath: machine.docker.program };
  const session = new EngineSession(
    settings,
    undefined,
    machine.env,
    join(machine.folder, 'state'),
    () => undefined,
    () => undefined,
  );
  onTestFinished(() => session.dispose());
  const asked = () => machine.docker.calls().filter((call) => call.includes('history ls')).length;
  await session.load();
  expect(session.result?.kind).toBe('evidence');
  await wait(2500);
  expect(asked()).toBe(1);
  await session.load();
  expect(asked()).toBe(2);
});
