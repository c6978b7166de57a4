import {
  type Patch,
  type ProviderInstrumentationConfig,
  SdkInstrumentation,
  type SdkPackage,
} from '../sdk-instrumentation.ts';
import { SDK_FILES } from '../sdk-files.ts';
import type { PatchOwner } from '../shared-patch.ts';
import { findParts, patchPart } from './patch-api-client.ts';
import { findLive, patchLive } from './patch-live.ts';

export type GoogleGenAIInstrumentationConfig = ProviderInstrumentationConfig;

/**
 * Records every billable call of `@google/genai` (≥ 1 < 4), for the Gemini API and Vertex AI: one span and one finished
 * call for each call of the application, with its retries; chats and automatic function calling make one per hop.
 *
 * @example
 * new NodeSDK({ instrumentations: [new GoogleGenAIInstrumentation()] }).start();
 * @throws {ConfigError} for an option it does not know.
 */
export class GoogleGenAIInstrumentation extends SdkInstrumentation {
  constructor(config: GoogleGenAIInstrumentationConfig = {}) {
    super('GoogleGenAIInstrumentation', 'costspan/google-genai', config);
  }

  protected override sdkPackage(): SdkPackage {
    return GOOGLE_GENAI;
  }
}

const GOOGLE_GENAI: SdkPackage = {
  module: '@google/genai',
  files: SDK_FILES['@google/genai'],
  from: [1, 0],
  below: [4, 0],
  hasClient: (exported) => typeof exported === 'object' && exported !== null && 'GoogleGenAI' in exported,
  patchesOf: (exported) =>
    new Map<object, Patch>([
      ...patched(findParts(exported), patchPart),
      ...patched(findLive(exported), patchLive),
    ]),
};

function patched<T extends object>(
  found: ReadonlySet<T>,
  patch: (prototype: T, owner: PatchOwner) => void,
): readonly (readonly [T, Patch])[] {
  return [...found].map((prototype) => [prototype, (owner) => patch(prototype, owner)]);
}
