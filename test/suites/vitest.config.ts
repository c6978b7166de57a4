import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** For the suites with fixtures of their own: real frameworks, other SDK majors, the Collector. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    pool: 'forks',
    fileParallelism: false,
    execArgv: ['--expose-gc'],
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

export default config;
