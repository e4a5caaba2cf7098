import { expect, it } from 'vitest';
import { pastSizes } from '../../../core/evidence/pastSizes';
import { Engine, type Now } from '../support/evidence';
import { stage } from '../support/plan';

const TEXT = stage('RUN one', 'RUN two');

/** What is known of the layers of all builds. */
function told(engine: Engine, now: Now = {}): Record<string, number> {
  return Object.fromEntries(pastSizes(engine.evidence(now)).recordBytes);
}

it('a layer has the size of the kept result that it was made of', () => {
  const engine = new Engine().build({ text: TEXT, at: 1000, sizes: { 'RUN one': 5, 'RUN two': 0 } });
  expect(told(engine)).toEqual({ 'layer of RUN one': 5, 'layer of RUN two': 0 });
  engine.build({ text: TEXT, at: 90_000, cached: ['RUN one', 'RUN two'] });
  expect(told(engine)).toEqual({ 'layer of RUN one': 5, 'layer of RUN two': 0 });
});

it('a layer has none where nobody looked yet, or the result is gone', () => {
  const unknown = new Engine().build({ text: TEXT, at: 1000, sizes: { 'RUN one': -1, 'RUN two': 7 } });
  expect(told(unknown)).toEqual({ 'layer of RUN two': 7 });
  const gone = new Engine().build({ text: TEXT, at: 1000, sizes: { 'RUN one': 5, 'RUN two': 7 } });
  expect(told(gone.prune('RUN two'))).toEqual({ 'layer of RUN one': 5 });
});

it('what the containerd store says of results is no size of layers', () => {
  const engine = new Engine().build({ text: TEXT, at: 1000, sizes: { 'RUN one': 5, 'RUN two': 7 } });
  expect(told(engine, { store: 'containerd' })).toEqual({});
});
