import { registerProvider } from '../../../src/index.ts';
import { toyProvider, toyWire } from '../../wire/toy/toy-provider.ts';
import { testProvider } from '../contract/test-provider.ts';
import { toyUnderTest } from './under-test.ts';

registerProvider({ provider: toyProvider, wire: toyWire });

testProvider(toyUnderTest());
