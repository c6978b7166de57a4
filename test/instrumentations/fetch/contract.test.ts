import Anthropic from '@anthropic-ai/sdk';
import * as openai from 'openai';
import { anthropicUnderTest } from '../anthropic/under-test.ts';
import { testProvider } from '../contract/test-provider.ts';
import { openaiUnderTest } from '../openai/under-test.ts';
import { plainFetchUnderTest, STAINLESS, throughTheNet } from './under-test.ts';

// The SDKs here stand for all that have no instrumentation of ours: it is not there.
const openai7 = openaiUnderTest('openai 7', openai);
const anthropic1 = anthropicUnderTest('@anthropic-ai/sdk 1', Anthropic, { native: false });

testProvider(plainFetchUnderTest());
// Its signal, which `fetch` keeps, holds the reader, which holds what `fetch` keeps (7.59, Node 24).
testProvider(throughTheNet(openai7, 'openai', { ...STAINLESS, leaksReader: true }));
testProvider(throughTheNet(anthropic1, 'anthropic', STAINLESS));
