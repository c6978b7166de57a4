import { ConfigError, describe } from './errors.ts';
import { estimateCall, type Estimate, type EstimateOptions } from './pricing/estimate-call.ts';
import { canonicalProvider } from './pricing/provider-id.ts';
import { identifyHost } from './providers/hosts.ts';
import { readerFor } from './providers/reader-for.ts';
import { count, firstCount, type JsonObject, known, object, text } from './usage/read.ts';

export interface EstimateCostOptions extends EstimateOptions {
  /** OTel's well-known provider name. Default: the owner of the `url`'s host, else `openai`. */
  readonly provider?: string;
  /** The address that will be called. */
  readonly url?: string;
  /** The model, where the request body does not name it (Gemini, Bedrock). */
  readonly model?: string;
  /** Input tokens, when they were counted; makes the estimate of the input exact. */
  readonly inputTokens?: number;
  /** What is expected to come out. Default: a quarter of the limit. */
  readonly expectedOutputTokens?: number;
}

/**
 * What a request would cost, before it is sent: an upper bound to hold against a budget, and an expectation.
 * The text is measured and not kept. Every token is at least one byte, which bounds text; images, sound and
 * files given by reference, tools that search, and prices of later turns are not bounded.
 *
 * @throws {ConfigError} when nothing names the model.
 * @example
 * const request = { model: 'gpt-4o', max_completion_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] };
 * const { upperBound, expected } = estimateCost(request, { provider: 'openai' });
 */
export function estimateCost(request: JsonObject, options: EstimateCostOptions = {}): Estimate {
  const { provider: given, url, model: named, inputTokens, expectedOutputTokens, ...rest } = options;
  const provider =
    given === undefined
      ? url === undefined
        ? 'openai'
        : identifyHost(url).provider
      : canonicalProvider(given);
  const asked = readerFor({ body: undefined, request, provider, ...known({ url }) }).readRequest?.(request);
  const model = named ?? text(request['model']) ?? text(request['modelId']) ?? asked?.model;
  if (model === undefined) {
    throw new ConfigError(
      `estimateCost: the request names no model, got ${describe(request['model'])}. Give { model } as an option.`,
    );
  }
  return estimateCall(
    {
      provider,
      model,
      inputBytes: Buffer.byteLength(JSON.stringify(request), 'utf8'),
      ...known({
        inputTokens,
        expectedOutputTokens,
        maxOutputTokens: outputLimit(request),
        choices: count(request['n']),
      }),
    },
    { ...known({ parameters: asked?.parameters }), ...rest },
  );
}

/** The limit on output tokens, in any provider's spelling. */
function outputLimit(request: JsonObject): number | undefined {
  const generation = object(request['generationConfig']) ?? object(request['config']);
  return firstCount(
    request['max_completion_tokens'],
    request['max_output_tokens'],
    request['max_tokens'],
    generation?.['maxOutputTokens'],
    object(request['inferenceConfig'])?.['maxTokens'],
  );
}
