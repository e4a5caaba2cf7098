// The command line in a process that stays: to start Node.js and load the program takes longer than most predictions.
// It gets `{ program, args, env }` and answers `{ code, stdout, stderr }`, one after the other.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** @type {{ out: string, err: string }} */
let said = { out: '', err: '' };
process.stdout.write = (/** @type {unknown} */ chunk) => {
  said.out += String(chunk);
  return true;
};
process.stderr.write = (/** @type {unknown} */ chunk) => {
  said.err += String(chunk);
  return true;
};

/** The environment of the system, not only of JavaScript: programs and libraries read it. */
function become(/** @type {Record<string, string>} */ env) {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
}

process.on('message', async (/** @type {{ program: string, args: string[], env: Record<string, string> }} */ asked) => {
  said = { out: '', err: '' };
  become(asked.env);
  /** @type {{ run: (argv: readonly string[]) => Promise<number> }} */
  const { run } = require(asked.program);
  const code = await run(asked.args);
  process.send?.({ code, stdout: said.out, stderr: said.err });
});
process.on('disconnect', () => process.exit());
