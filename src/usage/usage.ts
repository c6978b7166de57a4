import { ALL_QUANTITIES, type QuantityKey, type QuantityName } from './quantities.ts';

/**
 * What one billable call consumed, in quantities that mean the same for every provider.
 *
 * Totals are inclusive: `inputTokens` contains cache reads, cache writes, audio and images; `outputTokens`
 * contains reasoning, audio and images. Every other token field is a detail of one of the two. A field the
 * provider did not report is absent, never 0. Unit: tokens, unless the name says otherwise.
 *
 * The rule follows the OpenTelemetry GenAI conventions: `gen_ai.usage.input_tokens` includes all cached tokens
 * (https://github.com/open-telemetry/semantic-conventions-genai).
 */
export type Usage = { readonly [Name in QuantityName]?: number } & {
  /** Work inside the call that its headline leaves out, some of it done by another model (Anthropic `iterations`). */
  readonly iterations?: readonly UsageIteration[];
};

/** One step of a call that the provider bills beside the headline. */
export interface UsageIteration {
  /** The wire's own name: `compaction`, `advisor_message`, `fallback_message`. */
  readonly type: string;
  /** The model that did it, when it is not the model of the call. */
  readonly model?: string;
  readonly usage: Usage;
}

/** The JSON form of `Usage`. */
export type UsageJson = { readonly [Key in QuantityKey]?: number } & {
  readonly iterations?: readonly {
    readonly type: string;
    readonly model?: string;
    readonly usage: UsageJson;
  }[];
};

/** `{ inputTokens: 3 }` → `{ input_tokens: 3 }`. */
export function usageToJson(usage: Usage): UsageJson {
  const json: { -readonly [Key in keyof UsageJson]: UsageJson[Key] } = {};
  for (const { name, key } of ALL_QUANTITIES) {
    const quantity = usage[name];
    if (quantity !== undefined) json[key] = quantity;
  }
  if (usage.iterations !== undefined) {
    json.iterations = usage.iterations.map((step) => ({ ...step, usage: usageToJson(step.usage) }));
  }
  return json;
}

/** `{ input_tokens: 3 }` → `{ inputTokens: 3 }`; what is not a known quantity is left out. */
export function usageFromJson(json: UsageJson): Usage {
  const usage: { -readonly [Name in keyof Usage]: Usage[Name] } = {};
  for (const { name, key } of ALL_QUANTITIES) {
    const quantity = json[key];
    if (typeof quantity === 'number') usage[name] = quantity;
  }
  if (json.iterations !== undefined) {
    usage.iterations = json.iterations.map((step) => ({ ...step, usage: usageFromJson(step.usage) }));
  }
  return usage;
}
