import { defineConfig } from 'vitest/config';

/** Each suite is run by its folder name (`vitest run test/unit`); the real-engine suites need a long timeout. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/host/**', 'node_modules/**'],
    globalSetup: ['test/hosts/firstBuild.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // The default of a second is too little on a machine that does other things as well.
    expect: { poll: { timeout: 10_000 } },
    // A message of a failed comparison has the values in it, for logs that show nothing but messages.
    chaiConfig: { truncateThreshold: 4000 },
    // Two cores: more workers only make the real builder slower.
    maxWorkers: 2,
  },
});
