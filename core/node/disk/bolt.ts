import { open, readFile, stat } from 'node:fs/promises';

/** A bucket of a bolt database: values, and buckets in it, by their keys. */
export interface BoltBucket {
  readonly values: ReadonlyMap<string, string>;
  readonly buckets: ReadonlyMap<string, BoltBucket>;
}

const MAX_BYTES = 256_000_000;
const MAX_DEPTH = 32;
const MAGIC = 0xed0cdaed;
const PAGE_HEADER = 16;
const ELEMENT = 16;
const BRANCH = 0x01;
const LEAF = 0x02;
/** Flag of an element that is a bucket; what is stored for it is its root page, or 0 and the page itself. */
const BUCKET = 0x01;
const BUCKET_HEADER = 16;

/**
 * Reads a bolt database (go.etcd.io/bbolt page.go, bucket.go) that another process may be writing to; undefined when it is
 * none or cannot be read. What a transaction has committed is never written over by the next one, so that a copy is whole
 * if none was committed while it was made.
 */
export async function readBolt(path: string): Promise<BoltBucket | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    try {
      if ((await stat(path)).size > MAX_BYTES) return undefined;
      const before = await newestMeta(path);
      const data = await readFile(path);
      const after = await newestMeta(path);
      if (before === undefined || before.transaction !== after?.transaction) continue;
      return new Reader(data, before.pageSize).bucketAt(before.root * before.pageSize);
    } catch {
      // gone, not to be read, or broken: whoever asks has another way
      return undefined;
    }
  }
  return undefined;
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly transaction: bigint;
}

/** The first two pages take turns as the beginning of everything. */
async function newestMeta(path: string): Promise<Meta | undefined> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(2 * 65536);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const data = head.subarray(0, bytesRead);
    const first = metaAt(data, 0);
    const second = first === undefined ? undefined : metaAt(data, first.pageSize);
    return second !== undefined && first !== undefined && second.transaction > first.transaction ? second : first;
  } finally {
    await file.close();
  }
}

function metaAt(data: Buffer, at: number): Meta | undefined {
  const meta = at + PAGE_HEADER;
  if (data.length < meta + 64 || data.readUInt32LE(meta) !== MAGIC) return undefined;
  return {
    pageSize: data.readUInt32LE(meta + 8),
    root: Number(data.readBigUInt64LE(meta + 16)),
    transaction: data.readBigUInt64LE(meta + 48),
  };
}

class Reader {
  /** Elements that there is room for: a broken file may lead in circles. */
  private left: number;

  constructor(
    private readonly data: Buffer,
    private readonly pageSize: number,
  ) {
    this.left = data.length / ELEMENT;
  }

  /** Reading beyond the end throws. */
  bucketAt(offset: number, depth = 0): BoltBucket {
    const values = new Map<string, string>();
    const buckets = new Map<string, BoltBucket>();
    this.collect(offset, depth, values, buckets);
    return { values, buckets };
  }

  private collect(page: number, depth: number, values: Map<string, string>, buckets: Map<string, BoltBucket>): void {
    if (depth > MAX_DEPTH) throw new Error('too deep');
    const flags = this.data.readUInt16LE(page + 8);
    const count = this.data.readUInt16LE(page + 10);
    for (let index = 0; index < count; index++) {
      if (--this.left < 0) throw new Error('more than there can be');
      const element = page + PAGE_HEADER + index * ELEMENT;
      if ((flags & BRANCH) !== 0) {
        const child = Number(this.data.readBigUInt64LE(element + 8));
        this.collect(child * this.pageSize, depth + 1, values, buckets);
      } else if ((flags & LEAF) !== 0) {
        const key = element + this.data.readUInt32LE(element + 4);
        const value = key + this.data.readUInt32LE(element + 8);
        const end = value + this.data.readUInt32LE(element + 12);
        const name = this.data.toString('utf8', key, value);
        if (end > this.data.length) throw new Error('beyond the end');
        if ((this.data.readUInt32LE(element) & BUCKET) === 0) values.set(name, this.data.toString('utf8', value, end));
        else {
          const root = Number(this.data.readBigUInt64LE(value));
          const inside = root === 0 ? value + BUCKET_HEADER : root * this.pageSize;
          buckets.set(name, this.bucketAt(inside, depth + 1));
        }
      }
    }
  }
}
