import type { Decimal } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import type { OpenCall } from '../calls/call.ts';
import { estimateCall } from '../pricing/estimate-call.ts';
import type { PriceList } from '../pricing/price.ts';

/** What is known of a call before it is sent: the provable most, and what is likely. Amounts in the budget's measure. */
export interface CallBounds {
  /** Not exceeded whatever the model answers; absent where there is no such bound, with the reason. */
  readonly most?: Decimal;
  readonly likely?: Decimal;
  readonly unbounded?: string;
}

/** What a call may consume, asked for only by budgets that hold something for it. */
export interface Bounds {
  readonly cost: CallBounds & { readonly currency?: string };
  readonly tokens: CallBounds;
}

/** Input at one token per byte, output at the limit that the request sets, everything at the dearest rate. */
export function boundsOf(call: OpenCall, prices: readonly PriceList[]): Bounds {
  const size = call.size?.();
  const { model } = call.request;
  if (size === undefined || model === undefined)
    return { cost: { unbounded: 'the request could not be read' }, tokens: {} };
  const { inputBytes, choices = 1 } = size;
  const isInputOnly = WITHOUT_OUTPUT.has(call.operation);
  const maxOutputTokens = isInputOnly ? 0 : size.maxOutputTokens;
  const unbounded = isInputOnly ? undefined : size.unbounded;
  const planned = { provider: call.provider, model, inputBytes, ...known({ maxOutputTokens, choices }) };
  const { upperBound, expected } = estimateCall(planned, {
    prices,
    at: call.startTime,
    defaultMaxOutputTokens: USUAL_OUTPUT,
    ...known({ parameters: call.request.parameters, region: call.region }),
  });
  const isBound = unbounded === undefined;
  const output = maxOutputTokens ?? USUAL_OUTPUT;
  return {
    cost: known({
      currency: expected.currency,
      most: isBound ? upperBound.amount : undefined,
      likely: expected.amount,
      unbounded,
    }),
    tokens: known({
      most: isBound ? String(inputBytes + output * choices) : undefined,
      likely: String(Math.ceil(inputBytes / 4) + Math.ceil(output / 4) * choices),
      unbounded,
    }),
  };
}

/** Bounds in another currency than the budget's bound nothing. */
export function inCurrency(bounds: Bounds['cost'], currency: string): CallBounds {
  return (bounds.currency ?? currency) === currency ? bounds : {};
}

/** Operations that are billed by what is sent alone. */
const WITHOUT_OUTPUT: ReadonlySet<string> = new Set(['embeddings', 'rerank', 'moderation']);
/** Assumed where a request sets no limit on its output, for an estimate and never for a bound. */
const USUAL_OUTPUT = 4_096;
