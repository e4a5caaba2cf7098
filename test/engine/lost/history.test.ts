import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { docker } from '../traps/baseImages.js';
import { hit, miss, unsure } from '../traps/lines.js';
import { describeOnOwnEngine } from '../traps/trap.js';
import { verify } from '../traps/verify.js';
import { buildAndLook, buildUnseen, session } from './session.js';

const forgetBuilds = (): Promise<string> => docker('buildx', 'history', 'rm', '--all');

describeOnOwnEngine('lost history: the cache remains', [], (shared) => {
  let nothing = '';
  beforeAll(() => {
    nothing = mkdtempSync(join(tmpdir(), 'li-lost-'));
  });
  afterAll(() => rmSync(nothing, { recursive: true, force: true }));
  /** A predictor that never saw anything. */
  const stranger = () => ({ ...shared(), state: mkdtempSync(join(nothing, 'state-')) });

  session(shared, 'all builds, which we remember', async (scenario) => {
    const steps = [hit('RUN echo 1'), hit('COPY a.txt /a')];
    await buildAndLook(scenario, steps);
    await forgetBuilds();
    await verify(scenario, steps);
  });
  session(shared, 'all builds, which we remember, and then a file changes', async (scenario) => {
    await buildAndLook(scenario, ['RUN echo 1', 'COPY a.txt /a']);
    await forgetBuilds();
    scenario.write('a.txt', 'changed\n');
    await verify(scenario, [hit('RUN echo 1'), miss('COPY a.txt /a')]);
  });
  session(stranger, 'all builds, which we never saw', async (scenario) => {
    const steps = [unsure(hit('RUN echo 1')), unsure(hit('COPY a.txt /a'))];
    await buildUnseen(scenario, steps);
    await forgetBuilds();
    await verify(scenario, ['FROM {base}', unsure(hit('RUN : {marker}')), ...steps]);
  });
  session(stranger, 'all builds, which we never saw, and then a file and a step change', async (scenario) => {
    await buildUnseen(scenario, ['COPY a.txt /a', 'RUN echo 1']);
    await forgetBuilds();
    scenario.write('a.txt', 'changed\n');
    const steps = [unsure(miss('COPY a.txt /a')), unsure(miss('RUN echo 2'))];
    await verify(scenario, ['FROM {base}', unsure(hit('RUN : {marker}')), ...steps]);
  });
  session(shared, 'all builds and all records', async (scenario) => {
    const steps = [miss('RUN echo 1'), miss('COPY a.txt /a')];
    await buildAndLook(scenario, steps);
    await forgetBuilds();
    await docker('buildx', 'prune', '--all', '--force');
    await verify(scenario, ['FROM {base}', miss('RUN : {marker}'), ...steps]);
  });
});
