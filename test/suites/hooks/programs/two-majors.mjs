import OpenAI from 'openai';
import { OpenAI as Other } from '../openai-4/node_modules/openai/index.mjs';
import { callWith } from './provider.cjs';

await callWith(OpenAI, Other);
