import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Real collector, real ClickHouse engine: heavier than the unit tests, so in a run of its own. */
const config: ViteUserConfig = defineConfig({
  test: {
    dir: here,
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: [`${here}set-up.ts`],
    pool: 'forks',
    // One collector at a time: the tests kill it in the middle of its work, which wants the machine for itself.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});

export default config;
