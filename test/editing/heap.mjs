// Loaded into the server before its own code (--import): on SIGUSR2 it writes down how many bytes are really in use.
import { renameSync, writeFileSync } from 'node:fs';

const file = process.env['LAYER_INSIGHT_HEAP_FILE'] ?? '';

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
  renameSync(`${file}.new`, file);
});
