import { createRequire } from 'node:module';
import { type AnthropicClass, anthropicUnderTest } from '../../instrumentations/anthropic/under-test.ts';
import { testProvider } from '../../instrumentations/contract/test-provider.ts';

const require = createRequire(import.meta.url);

/** The oldest that is supported, the last before native tracing, the first with it, the newest. */
const VERSIONS = [
  'anthropic-0.50',
  'anthropic-0.60',
  'anthropic-0.133',
  'anthropic-0.134',
  '@anthropic-ai/sdk',
];

for (const name of VERSIONS) {
  const commonJs = require(name) as { readonly Anthropic: AnthropicClass };
  // Two packages to Node: each has classes of its own.
  const module = (await import(name)) as { readonly Anthropic: AnthropicClass };
  testProvider(anthropicUnderTest(`${name}, CommonJS`, commonJs.Anthropic));
  testProvider(anthropicUnderTest(`${name}, ES module`, module.Anthropic));
}
