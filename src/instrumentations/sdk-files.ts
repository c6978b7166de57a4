/**
 * The SDK packages that instrumentations patch, each with the files in which what they patch is defined (without
 * extensions): patching those catches every way to a class. The loader hooks look at these files and at no other.
 */
export const SDK_FILES = {
  /**
   * `client` defines OpenAI in 5–7, `core` APIClient in 4; `index` is what 4 exports OpenAI from. The WebSockets of
   * realtime, Live and responses are made of EventEmitter.
   */
  openai: ['client', 'core', 'index', 'azure', 'lib/EventEmitter', 'core/EventEmitter'],
  /** `client` defines BaseAnthropic; the cloud packages load it directly and never the package's main file. */
  '@anthropic-ai/sdk': ['client', 'core', 'index'],
  /** One bundled file per target; Node gets this one. */
  '@google/genai': ['dist/node/index'],
  /** CommonJS for Node, whoever imports it. */
  '@aws-sdk/client-bedrock-runtime': ['dist-cjs/index'],
} as const;
