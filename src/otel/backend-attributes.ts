import type { Attributes } from '@opentelemetry/api';
import type { AttributionContext } from '../attribution/attribution.ts';
import { sumDecimals } from '../base/decimal.ts';
import { known } from '../base/read.ts';
import { type ShownOpenCall, type SettledCall, usageOf } from '../calls/call.ts';
import type { Cost } from '../pricing/price.ts';

/** Backends whose own attributes a call's span gets as well, so that their views per user and of cost fill. */
export type Backend = 'langfuse' | 'openinference' | 'sentry';

export const BACKENDS: readonly Backend[] = ['langfuse', 'openinference', 'sentry'];

/** Written when the span starts: who it is for. */
export function startAttributes(backends: readonly Backend[], { attribution }: ShownOpenCall): Attributes {
  const user = attribution.customer ?? undefined;
  const session = sessionOf(attribution.context);
  return Object.assign({}, ...backends.map((backend) => WHO[backend](user, session))) as Attributes;
}

/** Written when the call has settled: what it consumed and cost. Amounts are doubles, since backends add them up. */
export function endAttributes(backends: readonly Backend[], call: SettledCall, cost: Cost): Attributes {
  const { inputTokens, outputTokens } = usageOf(call);
  const amounts = {
    total: cost.amount === undefined ? undefined : Number(cost.amount),
    input: amountOf(cost, INPUT),
    output: amountOf(cost, OUTPUT),
  };
  const model = call.reading.responseModel ?? call.request.model;
  const facts: Facts = { call, model, inputTokens, outputTokens, ...amounts };
  return Object.assign({}, ...backends.map((backend) => COST[backend](facts))) as Attributes;
}

interface Facts {
  readonly call: SettledCall;
  readonly model: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly total: number | undefined;
  readonly input: number | undefined;
  readonly output: number | undefined;
}

type Who = (user: string | undefined, session: string | undefined) => Attributes;

const WHO: Readonly<Record<Backend, Who>> = {
  // https://langfuse.com/integrations/native/opentelemetry#property-mapping (2026-11)
  langfuse: (user, session) =>
    known({
      'user.id': user,
      'langfuse.user.id': user,
      'session.id': session,
      'langfuse.session.id': session,
    }),
  // https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md (2026-11)
  openinference: (user, session) => known({ 'user.id': user, 'session.id': session }),
  // https://getsentry.github.io/sentry-conventions/attributes/ (2026-11)
  sentry: (user, session) => known({ 'user.id': user, 'gen_ai.conversation.id': session }),
};

const COST: Readonly<Record<Backend, (facts: Facts) => Attributes>> = {
  langfuse: ({ total }) => known({ 'gen_ai.usage.cost': total }),
  openinference: ({ call, model, inputTokens, outputTokens, total, input, output }) => ({
    'openinference.span.kind': call.operation === 'embeddings' ? 'EMBEDDING' : 'LLM',
    'llm.provider': call.provider,
    ...known({
      'llm.model_name': model,
      'llm.token_count.prompt': inputTokens,
      'llm.token_count.completion': outputTokens,
      'llm.token_count.total': sum(inputTokens, outputTokens),
      'llm.cost.prompt': input,
      'llm.cost.completion': output,
      'llm.cost.total': total,
    }),
  }),
  sentry: ({ inputTokens, outputTokens, total, input, output }) =>
    known({
      'gen_ai.usage.total_tokens': sum(inputTokens, outputTokens),
      'gen_ai.cost.input_tokens': input,
      'gen_ai.cost.output_tokens': output,
      'gen_ai.cost.total_tokens': total,
    }),
};

const INPUT = /^(?:input|cache)/;
const OUTPUT = /^(?:output|reasoning)/;

/** The part of a cost whose meters count one side of the exchange; the rest are fees. */
function amountOf({ amount, lineItems }: Cost, side: RegExp): number | undefined {
  if (amount === undefined) return undefined;
  return Number(sumDecimals(lineItems.filter(({ meter }) => side.test(meter)).map((item) => item.amount)));
}

function sum(input: number | undefined, output: number | undefined): number | undefined {
  return input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
}

/** The entry of the context that names a session, by the names people give it. */
function sessionOf(context: AttributionContext): string | undefined {
  for (const name of SESSION_NAMES) {
    const value = context[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return undefined;
}

const SESSION_NAMES = ['session', 'session_id', 'sessionId', 'session.id', 'conversation', 'conversation_id'];
