// The same package twice: Node gives ES modules and CommonJS a copy each.
import { createRequire } from 'node:module';
import OpenAI from 'openai';
import { callWith } from './provider.cjs';

const { OpenAI: CommonJs } = createRequire(import.meta.url)('openai');
if (CommonJs === OpenAI) throw new Error('one copy');
await callWith(OpenAI, CommonJs);
