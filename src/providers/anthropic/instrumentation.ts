import {
  type ProviderInstrumentationConfig,
  type SdkPackage,
  StainlessInstrumentation,
} from '../stainless/stainless-instrumentation.ts';
import { anthropicSdk } from './sdk.ts';

export type AnthropicInstrumentationConfig = ProviderInstrumentationConfig;

/**
 * Records every billable call of `@anthropic-ai/sdk` (≥ 0.50 < 2) and of the clients built on it (Bedrock,
 * Vertex, Foundry, AWS). Where the SDK traces itself (≥ 0.134) its span is enriched; otherwise one is started.
 *
 * @example
 * new NodeSDK({ instrumentations: [new AnthropicInstrumentation()] }).start();
 * @throws {ConfigError} for an option it does not know.
 */
export class AnthropicInstrumentation extends StainlessInstrumentation {
  constructor(config: AnthropicInstrumentationConfig = {}) {
    super('AnthropicInstrumentation', 'costspan/anthropic', config);
  }

  protected override sdkPackage(): SdkPackage {
    return ANTHROPIC;
  }
}

const ANTHROPIC: SdkPackage = {
  sdk: anthropicSdk,
  // `client` defines BaseAnthropic; the cloud packages load it directly and never the package's main file.
  files: ['client', 'core', 'index'],
  from: [0, 50],
  below: [2, 0],
};
