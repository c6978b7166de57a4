import { createRequire } from 'node:module';
import { testProvider } from '../../instrumentations/contract/test-provider.ts';
import { type OpenAIModule, openaiUnderTest } from '../../instrumentations/openai/under-test.ts';

const require = createRequire(import.meta.url);

for (const major of [4, 5, 6, 7]) {
  const name = `openai-${major}`;
  const commonJs = require(name) as OpenAIModule;
  // Two packages to Node: each has classes of its own.
  const module = (await import(name)) as OpenAIModule;
  testProvider(openaiUnderTest(`openai ${major}, CommonJS`, commonJs));
  testProvider(openaiUnderTest(`openai ${major}, ES module`, module));
}
