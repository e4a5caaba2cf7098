import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../server/settings';

const DEFAULTS = {
  hintsEnabled: true,
  hintDensity: 'smart',
  pull: false,
  units: 'si',
  engineKind: 'auto',
  dockerPath: 'docker',
  builder: '',
  context: '',
  target: '',
  buildArgs: new Map(),
  networkLookups: false,
  adviceEnabled: true,
  adviceMinMegabytes: 1,
  ledgerMegabytes: 50,
  imageCacheMegabytes: 1000,
};

describe('settings', () => {
  it.each([[undefined], [null], ['text'], [[]], [{}], [{ engine: null, prediction: 7, hints: [] }]])(
    'have defaults for %j',
    (section) => {
      expect(readSettings(section)).toEqual(DEFAULTS);
    },
  );

  it('are what the user says', () => {
    expect(
      readSettings({
        units: 'iec',
        hints: { enabled: false, density: 'problems' },
        engine: { kind: 'none', dockerPath: '/opt/docker', builder: 'big' },
        network: { lookups: true },
        advice: { enabled: false, minSize: 5 },
        ledger: { maxSize: 0 },
        images: { cacheLimit: 250 },
        prediction: { pull: true, context: 'app', target: 'web', buildArgs: { A: '1', B: '' } },
      }),
    ).toEqual({
      hintsEnabled: false,
      hintDensity: 'problems',
      pull: true,
      networkLookups: true,
      adviceEnabled: false,
      adviceMinMegabytes: 5,
      ledgerMegabytes: 0,
      imageCacheMegabytes: 250,
      units: 'iec',
      engineKind: 'none',
      dockerPath: '/opt/docker',
      builder: 'big',
      context: 'app',
      target: 'web',
      buildArgs: new Map([
        ['A', '1'],
        ['B', ''],
      ]),
    });
  });

  it('take numbers as build arguments and drop what is no text', () => {
    const { buildArgs } = readSettings({ prediction: { buildArgs: { N: 20, X: null, Y: ['a'] } } });
    expect([...buildArgs]).toEqual([['N', '20']]);
  });

  it.each(['rancher', 'AUTO', 3, ''])('do not know the engine %j', (kind) => {
    expect(readSettings({ engine: { kind, dockerPath: '' } })).toMatchObject({
      engineKind: 'auto',
      dockerPath: 'docker',
    });
  });
});
