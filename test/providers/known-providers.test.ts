import { SpanKind, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { CostBaggagePropagator } from '../../src/attribution/baggage/cost-baggage-propagator.ts';
import { withCustomer } from '../../src/attribution/scope.ts';
import { callerContext } from '../../src/attribution/caller-context.ts';
import { identifyHost } from '../../src/providers/host.ts';
import { KNOWN_PROVIDERS } from '../../src/providers/known-providers.ts';
import { isProviderHost, providerNamed, providerOfCatalogueId } from '../../src/providers/registry.ts';
import { canonicalProvider, catalogueIds } from '../../src/providers/spelling.ts';

const examples = KNOWN_PROVIDERS.flatMap(({ name, examples: urls = [] }) =>
  urls.map((url) => [url, name] as const),
);
const propagator = new CostBaggagePropagator({ outbound: { allow: ['*'] } });

/** What a plain request to this address carries when an application called it for `acme` and may tell everybody. */
function carried(url: string): unknown {
  const headers: Record<string, string> = {};
  const span = Object.assign(
    trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 }),
    {
      kind: SpanKind.CLIENT,
      attributes: { 'url.full': url },
    },
  );
  withCustomer('acme', () =>
    propagator.inject(trace.setSpan(callerContext(), span), headers, {
      set: (carrier, name, value) => {
        carrier[name] = value;
      },
    }),
  );
  return headers.baggage;
}

test.each(examples)('recognises who answers at %s', (url, name) => {
  expect(identifyHost(url).provider).toBe(name);
});

test.each(examples)('never tells %s who the customer is', (url) => {
  expect(carried(url)).toBeUndefined();
});

test.each([
  'https://platform.openai.com',
  'https://claude.com',
  'https://storage.googleapis.com/bucket',
  'https://runtime.sagemaker.eu-west-1.amazonaws.com',
  'https://api.githubcopilot.com',
])('never tells %s, which belongs to a provider, either', (url) => {
  expect(carried(url)).toBeUndefined();
});

test.each([
  'https://orders.internal',
  'https://api.openai.com.evil.example',
  'https://notopenai.com',
  'https://my-balancer.eu-west-1.elb.amazonaws.com',
  'http://127.0.0.1:8080',
])('tells %s when it is allowed, since no provider lives there', (url) => {
  expect(carried(url)).toContain('costspan.customer=acme');
});

test('has an example for every host pattern', () => {
  const hosts = examples.map(([url]) => new URL(url).hostname);
  const covers = (pattern: string | RegExp, host: string): boolean =>
    typeof pattern === 'string' ? host === pattern || host.endsWith(`.${pattern}`) : pattern.test(host);
  // Azure's clouds are a product of three domains and four ends, not all of which exist.
  const patterns = KNOWN_PROVIDERS.filter(({ name }) => name !== 'azure.ai.openai').flatMap(
    ({ hosts: all = [] }) => all,
  );
  const bare = patterns.filter((pattern) => !hosts.some((host) => covers(pattern, host)));
  expect(bare).toEqual([]);
});

test('gives every provider one name, and no two the same spelling', () => {
  const names = KNOWN_PROVIDERS.flatMap(({ name, spellings = [] }) => [name, ...spellings]);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, spellings = [] } of KNOWN_PROVIDERS) {
    for (const spelling of [name, ...spellings, ` ${name.toUpperCase()} `]) {
      expect(canonicalProvider(spelling)).toBe(name);
    }
  }
});

test('leaves a name that nobody knows as it is', () => {
  expect(canonicalProvider('Acme-LLM ')).toBe('acme-llm');
  expect(providerNamed('acme-llm')).toBeUndefined();
  expect(catalogueIds('acme-llm', 'm')).toEqual(['acme-llm']);
  expect(providerOfCatalogueId('acme-llm')).toBe('acme-llm');
});

test('knows which catalogue prices whose models', () => {
  expect(catalogueIds('gcp.vertex_ai', 'gemini-2.5-pro')).toEqual(['google']);
  expect(catalogueIds('vertex_ai', 'claude-opus-4-6')).toEqual(['anthropic', 'google']);
  expect(catalogueIds('self_hosted', 'llama')).toEqual([]);
  expect(catalogueIds('azure', 'gpt-4o')[0]).toBe('azure');
  expect(['google', 'azure', 'x-ai'].map(providerOfCatalogueId)).toEqual([
    'gcp.gemini',
    'azure.ai.openai',
    'x_ai',
  ]);
});

test('protects a local port only on this machine', () => {
  expect(isProviderHost('127.0.0.1', 11_434)).toBe(true);
  expect(isProviderHost('127.0.0.1', 8080)).toBe(false);
  expect(isProviderHost('10.0.0.1', 11_434)).toBe(false);
});
