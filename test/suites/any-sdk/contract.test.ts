import * as genai1 from 'genai1';
import * as genai2 from 'genai2';
import * as genai3 from 'genai3';
import { testProvider } from '../../instrumentations/contract/test-provider.ts';
import { bedrockUnderTest } from './bedrock-under-test.ts';
import { googleUnderTest } from './google-under-test.ts';
import { groqUnderTest } from './groq-under-test.ts';

testProvider(googleUnderTest(1, genai1 as never));
testProvider(googleUnderTest(2, genai2 as never));
testProvider(googleUnderTest(3, genai3));
testProvider(bedrockUnderTest());
testProvider(groqUnderTest());
