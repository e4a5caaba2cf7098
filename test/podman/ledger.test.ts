import { describe } from 'vitest';
import { BUILDAH } from '../engine/builders.js';
import { describeChainLedgerOfEditor } from '../engine/chain/editorSuite.js';
import { describeChainLedger, type ChainBuilder } from '../engine/chain/ledgerSuite.js';
import { podmanProgram } from '../judge/index.js';
import { run } from '../judge/run.js';
import { BASE_IMAGE } from './podman.js';
import { builderForSuite } from './suite.js';

const version = await builderForSuite('the ledger of Buildah');

describe.skipIf(version === undefined)('the ledger of Buildah', () => {
  const { args, env } = BUILDAH.predictor();
  const builder: ChainBuilder = {
    ...{ name: 'buildah', base: BASE_IMAGE, args, env, changedRun: 'never-built' },
    layers: 'archives',
    build: (context, more) => run(podmanProgram(), ['build', ...more, context], { timeoutMs: 60_000 }),
  };
  describeChainLedger(builder);
  describeChainLedgerOfEditor(builder);
});
