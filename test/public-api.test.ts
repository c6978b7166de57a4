import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { entries, exportsOf, typesVersionsOf } from '../scripts/package-entries.ts';
import * as costspan from '../src/index.ts';
import { PACKAGE_VERSION } from '../src/version.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  exports: Record<string, unknown>;
  typesVersions: unknown;
  bin: Record<string, string>;
};

test('exports exactly these names', () => {
  expect(Object.keys(costspan).toSorted()).toMatchInlineSnapshot(`
    [
      "AnthropicInstrumentation",
      "BedrockInstrumentation",
      "Budget",
      "BudgetExceededError",
      "ConfigError",
      "CostBaggagePropagator",
      "CostSpanExporter",
      "CostSpanProcessor",
      "CostspanError",
      "GoogleGenAIInstrumentation",
      "HttpSink",
      "JsonlSink",
      "MemorySink",
      "OTLPLogSink",
      "OpenAIInstrumentation",
      "ProviderFetchInstrumentation",
      "SCHEMA_VERSION",
      "SinkError",
      "attributeBatch",
      "attributeTo",
      "bypassBudgets",
      "calculateCharge",
      "calculateCost",
      "configureAttributionNames",
      "costEventFromJson",
      "costSampler",
      "costspanInstrumentations",
      "currentAttribution",
      "currentRunCost",
      "defaultPriceList",
      "estimateCost",
      "findProviders",
      "fromCarrier",
      "listModels",
      "marginOf",
      "meterFetch",
      "priceResponse",
      "priceUsage",
      "readBudgets",
      "readPrices",
      "recordResponse",
      "recordUsage",
      "registerProvider",
      "roundDecimal",
      "runWithAttribution",
      "snapshotAttribution",
      "startCostspan",
      "sumDecimals",
      "toCarrier",
      "updateCostContext",
      "userPrices",
      "verifyWebhook",
      "withCostContext",
      "withCustomer",
      "withoutTracking",
    ]
  `);
});

test('has exactly these ways in, each for both module formats and with its types', () => {
  const names = Object.keys(entries());
  expect(names).toEqual([
    'dashboard',
    'hooks',
    'index',
    'postgres',
    'receiver',
    'register',
    'reports',
    'sqlite',
  ]);
  // `npm run build` writes them.
  expect(manifest.exports).toEqual(exportsOf(names));
  expect(manifest.typesVersions).toEqual(typesVersionsOf(names));
  expect(Object.keys(manifest.bin)).toEqual(['costspan']);
});

test.each(Object.values(entries()))('%s looks at the version of Node before anything else', (file) => {
  const [, first] =
    /^(?:import|export)[^']*'([^']+)'/m.exec(readFileSync(file, 'utf8').replace(/^\/\*\*.*?\*\//s, '')) ?? [];
  expect(first).toBe('./base/check-node.ts');
});

test(
  'the types of each file can be made from that file alone, as the build makes them',
  { timeout: 120_000 },
  () => {
    const { status, stdout } = spawnSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--noEmit']);
    expect(String(stdout)).toBe('');
    expect(status).toBe(0);
  },
);

test('names its own version in telemetry', () => {
  expect(PACKAGE_VERSION).toBe(manifest.version);
});
