import * as openai from 'openai';
import { testProvider } from '../contract/test-provider.ts';
import { openaiUnderTest } from './under-test.ts';

testProvider(openaiUnderTest('openai 7', openai));
