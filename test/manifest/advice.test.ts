import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADVICE_CODES } from '../../core/advice/advice';

const folder = join(import.meta.dirname, '../../client/media/advice');

it('every advice has a page that says what is told, why, and what is better', () => {
  expect(readdirSync(folder).sort()).toEqual(ADVICE_CODES.map((code) => `${code}.md`).sort());
  for (const code of ADVICE_CODES) {
    const page = readFileSync(join(folder, `${code}.md`), 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${code}`);
    for (const part of ['**Told:**', '**Why it matters:**', '**Better:**']) expect(page, code).toContain(part);
  }
});
