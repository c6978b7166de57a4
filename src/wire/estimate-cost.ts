import { ConfigError, describe } from '../base/errors.ts';
import { estimateCall, type Estimate, type EstimateOptions } from '../pricing/estimate-call.ts';
import { canonicalProvider } from '../providers/spelling.ts';
import { identifyHost } from '../providers/host.ts';
import { commonEndpoint, findEndpoint, wiresOf } from './wires.ts';
import { count, firstCount, type JsonObject, known, object, text as textOf } from '../base/read.ts';
import { date, flag, type KindsOf, optionsOf, quantity, record, text } from '../base/options.ts';
import { priceLists } from '../pricing/cost-of.ts';

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

const OPTIONS: KindsOf<EstimateCostOptions> = {
  provider: text,
  url: text,
  model: text,
  inputTokens: quantity,
  expectedOutputTokens: quantity,
  prices: priceLists,
  defaultMaxOutputTokens: quantity,
  at: date,
  operation: text,
  serviceTier: text,
  batch: flag,
  speed: text,
  inferenceGeo: text,
  serverAddress: text,
  region: text,
  deploymentType: text,
  parameters: record,
  reported: record,
  freeReason: text,
};

/**
 * What a request would cost, before it is sent: an upper bound to hold against a budget, and an expectation.
 * The text is measured and not kept. Every token is at least one byte, which bounds text; images, sound and
 * files given by reference, tools that search, and prices of later turns are not bounded.
 *
 * @throws {ConfigError} when nothing names the model, and for options that do not exist or are of a wrong kind.
 * @example
 * const request = { model: 'gpt-4o', max_completion_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] };
 * const { upperBound, expected } = estimateCost(request, { provider: 'openai' });
 */
export function estimateCost(request: JsonObject, options: EstimateCostOptions = {}): Estimate {
  const {
    provider: given,
    url,
    model: named,
    inputTokens,
    expectedOutputTokens,
    ...rest
  } = optionsOf('estimateCost', options, OPTIONS);
  if (object(request) === undefined) {
    throw new ConfigError(`estimateCost: expected the body of a request, got ${describe(request)}.`);
  }
  const provider =
    given === undefined
      ? url === undefined
        ? 'openai'
        : identifyHost(url).provider
      : canonicalProvider(given);
  const endpoint = (url && findEndpoint(provider, 'POST', url)) || commonEndpoint(provider);
  const asked = endpoint?.readRequest?.(request);
  const model = named ?? textOf(request.model) ?? textOf(request.modelId) ?? asked?.model;
  if (model === undefined) {
    throw new ConfigError(
      `estimateCost: the request names no model, got ${describe(request.model)}. Give { model } as an option.`,
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
        maxOutputTokens: firstCount(...wiresOf(provider).map((wire) => wire.outputLimit?.(request))),
        choices: count(request.n),
      }),
    },
    { ...known({ parameters: asked?.parameters }), ...rest },
  );
}
