import * as openai from 'openai';
import { testProvider } from './contract.ts';
import { openaiUnderTest } from './openai-contract.ts';

testProvider(openaiUnderTest('openai 7', openai));
