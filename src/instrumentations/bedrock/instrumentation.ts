import {
  type ProviderInstrumentationConfig,
  SdkInstrumentation,
  type SdkPackage,
} from '../sdk-instrumentation.ts';
import { SDK_FILES } from '../sdk-files.ts';
import { findClientPrototypes } from './client.ts';
import { patchClient } from './patch-client.ts';

export type BedrockInstrumentationConfig = ProviderInstrumentationConfig;

/**
 * Records every billable call of `@aws-sdk/client-bedrock-runtime` (3.x): one span and one finished call for each
 * command, with its retries, whatever vendor's model it asks.
 *
 * @example
 * new NodeSDK({ instrumentations: [new BedrockInstrumentation()] }).start();
 * @throws {ConfigError} for an option it does not know.
 */
export class BedrockInstrumentation extends SdkInstrumentation {
  constructor(config: BedrockInstrumentationConfig = {}) {
    super('BedrockInstrumentation', 'costspan/bedrock', config);
  }

  protected override sdkPackage(): SdkPackage {
    return BEDROCK;
  }
}

const BEDROCK: SdkPackage = {
  module: '@aws-sdk/client-bedrock-runtime',
  files: SDK_FILES['@aws-sdk/client-bedrock-runtime'],
  from: [3, 422],
  below: [4, 0],
  hasClient: (exported) =>
    typeof exported === 'object' && exported !== null && 'BedrockRuntimeClient' in exported,
  patchesOf: (exported) =>
    new Map(
      [...findClientPrototypes(exported)].map((prototype) => [
        prototype,
        (owner) => patchClient(prototype, owner),
      ]),
    ),
};
