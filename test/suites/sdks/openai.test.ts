import { createRequire } from 'node:module';
import type OpenAI from 'openai';
import { testProvider } from '../../providers/contract.ts';
import { openaiUnderTest } from '../../providers/openai-contract.ts';

type OpenAIClass = typeof OpenAI;
const require = createRequire(import.meta.url);

for (const major of [4, 5, 6, 7]) {
  const name = `openai-${major}`;
  const commonJs = require(name) as { readonly OpenAI: OpenAIClass };
  // Two packages to Node: each has classes of its own.
  const module = (await import(name)) as { readonly OpenAI: OpenAIClass };
  testProvider(openaiUnderTest(`openai ${major}, CommonJS`, commonJs.OpenAI));
  testProvider(openaiUnderTest(`openai ${major}, ES module`, module.OpenAI));
}
