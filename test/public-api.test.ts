import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as costspan from '../src/index.ts';
import { PACKAGE_VERSION } from '../src/version.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string;
  exports: Record<string, unknown>;
  bin: Record<string, string>;
};

test('exports exactly these names', () => {
  expect(Object.keys(costspan).toSorted()).toMatchInlineSnapshot(`
    [
      "AnthropicInstrumentation",
      "ConfigError",
      "CostBaggagePropagator",
      "CostSpanExporter",
      "CostSpanProcessor",
      "CostspanError",
      "HttpSink",
      "JsonlSink",
      "MemorySink",
      "OTLPLogSink",
      "OpenAIInstrumentation",
      "SCHEMA_VERSION",
      "SinkError",
      "attributeBatch",
      "attributeTo",
      "calculateCharge",
      "calculateCost",
      "configureAttributionNames",
      "costEventFromJson",
      "costSampler",
      "currentAttribution",
      "defaultPriceList",
      "estimateCost",
      "findProviders",
      "fromCarrier",
      "listModels",
      "marginOf",
      "priceResponse",
      "priceUsage",
      "readPrices",
      "recordUsage",
      "roundDecimal",
      "runWithAttribution",
      "snapshotAttribution",
      "sumDecimals",
      "toCarrier",
      "updateCostContext",
      "userPrices",
      "withCostContext",
      "withCustomer",
      "withoutTracking",
    ]
  `);
});

test('has exactly these ways in', () => {
  expect(Object.keys(manifest.exports)).toEqual(['.', './sqlite', './hooks', './register', './package.json']);
  expect(Object.keys(manifest.bin)).toEqual(['costspan']);
});

test('names its own version in telemetry', () => {
  expect(PACKAGE_VERSION).toBe(manifest.version);
});
