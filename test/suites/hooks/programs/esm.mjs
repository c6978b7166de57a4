import OpenAI from 'openai';
import { callWith } from './provider.cjs';

await callWith(OpenAI);
