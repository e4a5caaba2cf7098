import { chmodSync } from 'node:fs';
import { docker } from '../traps/baseImages.js';
import { hit, miss, type Step } from '../traps/lines.js';
import { shortcoming } from '../traps/notYet.js';
import { describeOnOwnEngine } from '../traps/trap.js';
import { verify } from '../traps/verify.js';
import { pruneRecord } from './records.js';
import { buildAndLook, session } from './session.js';

const BUILDER = 'RUN echo {marker} > /o';
const withBuilder = (builder: Step, ...rest: readonly Step[]): readonly Step[] => [
  'FROM {base} AS b',
  builder,
  'FROM {base}',
  hit('RUN : final {marker}'),
  ...rest,
];

describeOnOwnEngine('lost records: some of them', [], (shared) => {
  session(shared, 'the last RUN of a chain', async (scenario) => {
    await buildAndLook(scenario, ['RUN echo 1', 'RUN echo 2 {marker}']);
    await pruneRecord(scenario.filled('echo 2 {marker}'));
    await verify(scenario, [hit('RUN echo 1'), miss('RUN echo 2 {marker}')]);
  });
  session(shared, 'the last two of a chain (N6)', async (scenario) => {
    await buildAndLook(scenario, ['RUN echo 1', 'RUN echo 2 {marker}', 'RUN echo 3 {marker}']);
    await pruneRecord(scenario.filled('echo 3 {marker}'));
    await pruneRecord(scenario.filled('echo 2 {marker}'));
    await verify(scenario, [hit('RUN echo 1'), miss('RUN echo 2 {marker}'), miss('RUN echo 3 {marker}')]);
  });
  session(shared, 'a COPY', async (scenario) => {
    await buildAndLook(scenario, ['COPY a.txt /a-{marker}']);
    await pruneRecord(scenario.filled('COPY a.txt /a-{marker}'));
    await verify(scenario, [miss('COPY a.txt /a-{marker}')]);
  });
  session(shared, 'N1: a step of a builder stage, nothing changed', async (scenario) => {
    const steps = withBuilder(hit(BUILDER), hit('COPY --from=b /o /o'));
    await buildAndLook(scenario, steps);
    await pruneRecord(scenario.filled('echo {marker} > /o'));
    await verify(scenario, steps);
  });
  session(shared, 'N2: a step of a builder stage, then a step is added after the COPY', async (scenario) => {
    await buildAndLook(scenario, withBuilder(BUILDER, 'COPY --from=b /o /o'));
    await pruneRecord(scenario.filled('echo {marker} > /o'));
    await verify(scenario, withBuilder(hit(BUILDER), hit('COPY --from=b /o /o'), miss('RUN echo more')));
  });
  session(shared, 'N3: a step of a builder stage, then the COPY gets another destination', async (scenario) => {
    await buildAndLook(scenario, withBuilder(BUILDER, 'COPY --from=b /o /o'));
    await pruneRecord(scenario.filled('echo {marker} > /o'));
    await verify(scenario, withBuilder(miss(BUILDER), miss('COPY --from=b /o /other')));
  });
  session(shared, 'N8: the copy of the context, after which chmod of a folder is noticed', async (scenario) => {
    await buildAndLook(scenario, ['COPY d /d']);
    await docker('buildx', 'prune', '--force', '--filter', 'type=source.local');
    chmodSync(scenario.path('d/sub'), 0o700);
    await verify(scenario, [miss('COPY d /d')], { shortcoming: shortcoming('N8') });
  });
  session(shared, 'all of them, while the history remembers the builds', async (scenario) => {
    const steps = [miss('RUN echo 1'), miss('COPY a.txt /a')];
    await buildAndLook(scenario, steps);
    await docker('buildx', 'prune', '--all', '--force');
    await verify(scenario, ['FROM {base}', miss('RUN : {marker}'), ...steps]);
  });
});
