import { AnthropicInstrumentation } from './anthropic/instrumentation.ts';
import { BedrockInstrumentation } from './bedrock/instrumentation.ts';
import { ProviderFetchInstrumentation } from './fetch/provider-fetch-instrumentation.ts';
import { GoogleGenAIInstrumentation } from './google-genai/instrumentation.ts';
import { OpenAIInstrumentation } from './openai/instrumentation.ts';
import type { ProviderInstrumentationConfig, SdkInstrumentation } from './sdk-instrumentation.ts';

/**
 * Every instrumentation of this package, constructed with the same options: those of the SDKs, and the net beneath
 * them.
 *
 * @throws {ConfigError} for an option one of them does not know.
 * @example
 * new NodeSDK({ instrumentations: costspanInstrumentations(), spanProcessors }).start();
 */
export function costspanInstrumentations(
  options: ProviderInstrumentationConfig = {},
): (SdkInstrumentation | ProviderFetchInstrumentation)[] {
  return [
    new OpenAIInstrumentation(options),
    new AnthropicInstrumentation(options),
    new GoogleGenAIInstrumentation(options),
    new BedrockInstrumentation(options),
    new ProviderFetchInstrumentation(options),
  ];
}
