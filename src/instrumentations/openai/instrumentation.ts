import {
  type ProviderInstrumentationConfig,
  SdkInstrumentation,
  type SdkPackage,
} from '../sdk-instrumentation.ts';
import { SDK_FILES } from '../sdk-files.ts';
import { stainlessPackage } from '../stainless/stainless-package.ts';
import { openaiSdk } from './sdk.ts';
import { findSessionPrototypes, patchSessions } from './sockets.ts';

export type OpenAIInstrumentationConfig = ProviderInstrumentationConfig;

/**
 * Records every billable call of the `openai` package (≥ 4.19 < 8) and of everything built on it: one span and
 * one finished call each, whatever way it is made and however it ends.
 *
 * Constructing it is enough for CommonJS and ES modules loaded afterwards; `manuallyInstrument` is for bundles.
 *
 * @example
 * new NodeSDK({ instrumentations: [new OpenAIInstrumentation()] }).start();
 * @throws {ConfigError} for an option it does not know.
 */
export class OpenAIInstrumentation extends SdkInstrumentation {
  constructor(config: OpenAIInstrumentationConfig = {}) {
    super('OpenAIInstrumentation', 'costspan/openai', config);
  }

  protected override sdkPackage(): SdkPackage {
    return OPENAI;
  }
}

const OPENAI: SdkPackage = stainlessPackage({
  sdk: openaiSdk,
  files: SDK_FILES.openai,
  extraPatches: (exported) =>
    new Map(
      [...findSessionPrototypes(exported)].map((prototype) => [
        prototype,
        (owner) => patchSessions(prototype, owner),
      ]),
    ),
  from: [4, 19],
  below: [8, 0],
});
