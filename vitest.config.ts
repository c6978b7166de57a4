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
    // Measured with `--coverage`, as the gate does. What only runs in processes of its own is tested there, unmeasured.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: [
        'src/{hooks,register}.ts',
        'src/cli/main.ts',
        'src/cli/doctor/probe.ts',
        'src/base/check-node.ts',
        // Run by their suites, against a real PostgreSQL and the real SDKs.
        'src/ledger/postgres/**',
        'src/ledger/spool.ts',
        'src/instrumentations/{bedrock,google-genai}/**',
        // Run by its suite, in a real Chromium.
        'src/dashboard/page/**',
      ],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      thresholds: { lines: 96, branches: 91 },
    },
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

export default config;
