import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBolt } from '../../../../core/node/disk/bolt';
import { Random } from '../../../generator/random';
import { folderOf } from '../folder';

/** `buildkit/snapshots.db` of Docker 28.5.2. */
const RECORDED = gunzipSync(readFileSync(join(import.meta.dirname, '../../../fixtures/disk/snapshots.db.gz')));

describe('the notes that BuildKit keeps of its snapshots', () => {
  it('say which layer a record is', async () => {
    const path = join(folderOf(), 'snapshots.db');
    writeFileSync(path, RECORDED);
    const notes = await readBolt(path);
    const chainOf = (id: string): string | undefined => notes?.buckets.get(id)?.values.get('chainid');
    expect(notes?.buckets.size).toBe(26);
    expect(chainOf('yg9snphvozacq901e3hww8kx9')).toBe(
      'sha256:efbfd779a5d7bb754f1e0ad2bf14b543bbdbe4c3ff4e4fd5b207ec69e4796906',
    );
    expect(chainOf('pgl1rwudfc8qu051w1848tta6')).toBe(
      'sha256:5fed4c48376f88eba9ae8619b3eb8a85246cf5b7e1c786aa0de7bc00541fbc32',
    );
    expect(notes?.buckets.get('pgl1rwudfc8qu051w1848tta6')?.values.get('committed')).toBe('pq5mskwrcz0t85myv4dn84zxa');
    expect(chainOf('prgj5kgefcmh9w6uo2cvp9m5z')).toBeUndefined();
  });

  it('are none where there is no such file, or one of another kind', async () => {
    const folder = folderOf({ empty: '', text: 'x'.repeat(20_000) });
    for (const name of ['missing', 'empty', 'text']) expect(await readBolt(join(folder, name))).toBeUndefined();
    expect(await readBolt(folder)).toBeUndefined();
  });

  it('end, whatever is broken in them', async () => {
    const folder = folderOf();
    const random = new Random('bolt');
    for (let round = 0; round < 200; round++) {
      const data = Buffer.from(
        RECORDED.subarray(0, random.chance(0.3) ? random.int(0, RECORDED.length) : RECORDED.length),
      );
      for (let change = random.int(0, 20); change > 0 && data.length > 0; change--) {
        data[random.int(0, data.length - 1)] = random.int(0, 255);
      }
      const path = join(folder, 'broken.db');
      writeFileSync(path, data);
      const notes = await readBolt(path);
      expect(notes === undefined || notes.buckets instanceof Map).toBe(true);
    }
  });
});
