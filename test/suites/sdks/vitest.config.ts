import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The provider contract on every supported major: `npm run test:sdks`. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    globalSetup: ['install.ts'],
    pool: 'forks',
    execArgv: ['--expose-gc'],
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

export default config;
