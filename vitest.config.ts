import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/fixtures/**', 'test/suites/**', '**/node_modules/**'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    env: {
      // NodeSDK exports to localhost by default; a test that wants an exporter names it.
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      // Node 22 says of node:sqlite, in every process, that it is experimental.
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    },
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

export default config;
