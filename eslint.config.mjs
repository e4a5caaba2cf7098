import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Import walls: what each folder must not import, with the reason that a developer reads. */
const wall = (files, ignores, patterns, paths = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns, paths }] },
});

const nodeBuiltins = { group: ['node:*'], message: 'Pure core does no I/O: put it behind core/node.' };
const vscode = { name: 'vscode', message: 'Only client/ knows the editor.' };
const lsp = { group: ['vscode-languageserver*', 'vscode-languageclient*'], message: 'core knows no LSP.' };

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      '.vscode-test/**',
      'core/node/engines/proto/**',
      'test/examples/**',
      'test/fixtures/**',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['vitest.config.mts'] } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Go's runes are code points, which is what spreading a string gives
      '@typescript-eslint/no-misused-spread': 'off',
      eqeqeq: 'error',
    },
  },
  {
    // bootstrap scripts run before anything is installed, so they are plain JavaScript
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        globalThis: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  wall(
    ['core/model/**'],
    [],
    [{ group: ['**/../*', '../*'], message: 'core/model is a leaf: it imports nothing.' }, nodeBuiltins, lsp],
    [vscode],
  ),
  wall(
    ['core/**/*.ts'],
    ['core/node/**', 'core/model/**'],
    [
      nodeBuiltins,
      lsp,
      { group: ['**/node/*', '**/node'], message: 'Pure core must not import core/node.' },
      { group: ['**/server/**', '**/client/**'], message: 'core is below server and client.' },
    ],
    [vscode],
  ),
  wall(
    ['core/node/**/*.ts'],
    [],
    [lsp, { group: ['**/server/**', '**/client/**'], message: 'core is below server and client.' }],
    [vscode],
  ),
  wall(
    ['server/**/*.ts'],
    ['server/protocol/**'],
    [{ group: ['**/client/**'], message: 'server never imports client.' }],
    [vscode],
  ),
  wall(
    ['server/protocol/**/*.ts'],
    [],
    [{ regex: '^\\.\\./(?!\\.\\./core/model$)', message: 'The protocol imports core/model only.' }],
    [vscode],
  ),
  wall(
    ['client/**/*.ts'],
    ['client/webview/**'],
    [
      {
        group: ['**/core/*', '!**/core/model', '**/server/*', '!**/server/protocol'],
        message: 'client imports only server/protocol and core/model.',
      },
      { regex: '/webview/(?!protocol$)', message: 'Of a page the client knows the messages only.' },
    ],
  ),
  wall(
    ['client/webview/**/*.ts'],
    [],
    [
      nodeBuiltins,
      lsp,
      {
        regex: '^(\\.\\./)+(?!core/model$)[^.]*/',
        message: 'A page imports core/model, its own folder and packages for pages only.',
      },
    ],
    [{ ...vscode, message: 'A page runs in a browser.' }],
  ),
  { files: ['server/**/*.ts'], rules: { 'no-console': 'error' } },
);
