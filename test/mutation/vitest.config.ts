import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Only the tests beside what is mutated, in threads, as Stryker runs them; so those that need `--expose-gc` are left out. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/{attribution,pricing,dialects,charging,metering}/**/*.test.ts'],
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
    testTimeout: 20_000,
  },
});

export default config;
