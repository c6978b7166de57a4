import Anthropic from '@anthropic-ai/sdk';
import { anthropicUnderTest } from './under-test.ts';
import { testProvider } from '../contract/test-provider.ts';

testProvider(anthropicUnderTest('@anthropic-ai/sdk 1, tracing itself', Anthropic));
testProvider(anthropicUnderTest('@anthropic-ai/sdk 1, native tracing off', Anthropic, { native: false }));
