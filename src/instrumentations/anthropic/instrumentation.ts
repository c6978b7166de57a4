import {
  type ProviderInstrumentationConfig,
  SdkInstrumentation,
  type SdkPackage,
} from '../sdk-instrumentation.ts';
import { SDK_FILES } from '../sdk-files.ts';
import { stainlessPackage } from '../stainless/stainless-package.ts';
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
export class AnthropicInstrumentation extends SdkInstrumentation {
  constructor(config: AnthropicInstrumentationConfig = {}) {
    super('AnthropicInstrumentation', 'costspan/anthropic', config);
  }

  protected override sdkPackage(): SdkPackage {
    return ANTHROPIC;
  }
}

const ANTHROPIC: SdkPackage = stainlessPackage({
  sdk: anthropicSdk,
  files: SDK_FILES['@anthropic-ai/sdk'],
  from: [0, 50],
  below: [2, 0],
});
