import { randomUUID } from 'node:crypto';
import { fuzz } from './fuzz.js';

const [count = '100000', seed = `fresh-${randomUUID()}`] = process.argv.slice(2);
console.log(`seed ${seed}: ${count} Dockerfiles`);
const started = Date.now();
const { findings, slowest, accepted } = fuzz(seed, Number(count), (done) => {
  if (done % 10_000 === 0) console.log(`${done} after ${Math.round((Date.now() - started) / 1000)} s`);
});
for (const finding of findings) console.log(finding);
console.log(`${findings.length} findings; ${accepted} without a problem; the slowest took ${Math.round(slowest)} ms`);
process.exitCode = findings.length > 0 ? 1 : 0;
