import {
  type ProviderInstrumentationConfig,
  type SdkPackage,
  StainlessInstrumentation,
} from '../stainless/stainless-instrumentation.ts';
import { openaiSdk } from './sdk.ts';
import { findSessionPrototypes, patchSessions } from './sessions.ts';

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
export class OpenAIInstrumentation extends StainlessInstrumentation {
  constructor(config: OpenAIInstrumentationConfig = {}) {
    super('OpenAIInstrumentation', 'costspan/openai', config);
  }

  protected override sdkPackage(): SdkPackage {
    return OPENAI;
  }
}

const OPENAI: SdkPackage = {
  sdk: openaiSdk,
  // `client` defines OpenAI in 5–7, `core` APIClient in 4; `index` is what 4 exports OpenAI from.
  files: ['client', 'core', 'index'],
  // What the WebSockets of realtime, Live and responses are made of.
  extra: {
    files: ['lib/EventEmitter', 'core/EventEmitter'],
    patchesOf: (exported) =>
      new Map(
        [...findSessionPrototypes(exported)].map((prototype) => [
          prototype,
          (owner) => patchSessions(prototype, owner),
        ]),
      ),
  },
  from: [4, 19],
  below: [8, 0],
};
