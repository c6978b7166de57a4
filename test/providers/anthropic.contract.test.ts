import Anthropic from '@anthropic-ai/sdk';
import { anthropicUnderTest } from './anthropic-contract.ts';
import { testProvider } from './contract.ts';

testProvider(anthropicUnderTest('@anthropic-ai/sdk 1, tracing itself', Anthropic));
testProvider(anthropicUnderTest('@anthropic-ai/sdk 1, native tracing off', Anthropic, { native: false }));
