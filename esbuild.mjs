// Bundles every entry point. One options object per entry; CommonJS without splitting loads fastest in the editor.
import { build, context } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/**
 * Parts of dockerode that nobody here uses. ssh2 brings native code that a bundle cannot carry; ssh contexts go through
 * `docker system dial-stdio` instead. Sessions of builds would load a whole gRPC library at each start: 45 ms.
 */
const withoutUnused = {
  name: 'without-unused',
  setup(builder) {
    const stub = ({ path }) => ({ path, namespace: 'stub' });
    builder.onResolve({ filter: /^(ssh2|cpu-features)$/ }, stub);
    builder.onResolve({ filter: /^\.\/session$/ }, (args) =>
      /[\\/]dockerode[\\/]lib[\\/]docker\.js$/.test(args.importer) ? stub(args) : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: production,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
  plugins: [withoutUnused],
};

/** A page in a webview of the editor: a browser, and no modules. */
const page = {
  ...node,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  plugins: [],
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  // the packages bring builds with warnings for developers
  conditions: production ? ['production'] : ['development'],
};

const entries = [
  { ...node, entryPoints: ['client/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  { ...node, entryPoints: ['server/main.ts'], outfile: 'dist/server.js' },
  { ...node, entryPoints: ['core/node/hash/worker.ts'], outfile: 'dist/hashWorker.js' },
  {
    ...node,
    entryPoints: ['core/node/cli/start.ts'],
    outfile: 'dist/cli.js',
    banner: { js: '#!/usr/bin/env node' },
  },
  { ...node, entryPoints: ['core/node/cli/main.ts'], outfile: 'dist/cliMain.js' },
  { ...page, entryPoints: ['client/webview/diskUsage/main.ts'], outfile: 'dist/webview/diskUsage.js' },
  { ...page, entryPoints: ['client/webview/diskUsage/styles.css'], outfile: 'dist/webview/diskUsage.css' },
];

mkdirSync('dist', { recursive: true });
if (watch) {
  await Promise.all(entries.map(async (options) => (await context(options)).watch()));
} else {
  const results = await Promise.all(entries.map((options) => build(options)));
  const inputs = Object.assign({}, ...results.map((result) => result.metafile.inputs));
  const outputs = Object.assign({}, ...results.map((result) => result.metafile.outputs));
  writeFileSync('dist/meta.json', JSON.stringify({ inputs, outputs }));
}
