import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Real frameworks over real HTTP: they bring 50 MB of their own, hence a run of its own. */
const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: {
    include: ['*.test.ts'],
    pool: 'forks',
    // The first file installs the frameworks for all.
    fileParallelism: false,
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});

export default config;
