import { describe } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { run } from '../../judge/run.js';
import { describeChainLedgerOfEditor } from '../chain/editorSuite.js';
import { describeChainLedger, type ChainBuilder } from '../chain/ledgerSuite.js';
import { engineForSuite } from '../engine.js';
import { knownByLayers } from '../traps/baseImages.js';

const CLASSIC = { DOCKER_BUILDKIT: '0' };
const engine = await engineForSuite('the ledger of the classic builder');
const knowsLayers = engine !== undefined && (await knownByLayers());
const base = engine === undefined ? '' : await ensureBaseImage();

describe.skipIf(engine === undefined)('the ledger of the classic builder', () => {
  const builder: ChainBuilder = {
    ...{ name: 'classic', base, args: [], env: CLASSIC, changedRun: 'instruction-changed' },
    ...(knowsLayers ? { layers: 'measured' } : {}),
    build: (context, args) => run('docker', ['build', ...args, context], { env: CLASSIC, timeoutMs: 60_000 }),
  };
  describeChainLedger(builder);
  describeChainLedgerOfEditor(builder);
});
