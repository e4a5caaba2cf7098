import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROWS = 72;

it(`every row T1 to T${ROWS} of the table of traps is a test`, () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const text = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
  const rows = Array.from({ length: ROWS }, (_, index) => `T${index + 1}`);
  expect(rows.filter((row) => !text.includes(`'${row}: `))).toEqual([]);
});
