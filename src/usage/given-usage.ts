import { ConfigError, describe } from '../base/errors.ts';
import { list, object, text } from '../base/read.ts';
import { didYouMean } from '../base/spelling.ts';
import { ALL_QUANTITIES, type QuantityName } from './quantities.ts';
import type { Usage, UsageJson } from './usage.ts';

/**
 * A usage as somebody wrote it, by hand or as an event's JSON: `{ inputTokens: 3 }` or `{ input_tokens: 3 }`. What is
 * `undefined` or `null` is unknown.
 *
 * @throws {ConfigError} `priceUsage: there is no quantity 'inputTokenz'. Did you mean 'inputTokens'?`
 */
export function givenUsage(where: string, given: Usage | UsageJson): Usage {
  const fields = object(given);
  if (fields === undefined) {
    throw new ConfigError(
      `${where}: expected quantities such as { inputTokens: 1000 }, got ${describe(given)}.`,
    );
  }
  const usage: { -readonly [Name in keyof Usage]: Usage[Name] } = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    if (key === 'iterations') {
      usage.iterations = list(value).map((step, index) => givenStep(`${where}: iterations[${index}]`, step));
      continue;
    }
    const name = NAMES.get(key);
    if (name === undefined) {
      throw new ConfigError(`${where}: there is no quantity '${key}'.${didYouMean(key, [...NAMES.keys()])}`);
    }
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw new ConfigError(
        `${where}: expected '${key}' to be a number of at least 0, got ${describe(value)}.`,
      );
    }
    usage[name] = value;
  }
  return usage;
}

function givenStep(where: string, given: unknown): NonNullable<Usage['iterations']>[number] {
  const { type, model, usage } = object(given) ?? {};
  const step = { type: text(type) ?? 'step', usage: givenUsage(where, object(usage) ?? {}) };
  return text(model) === undefined ? step : { ...step, model: text(model) ?? '' };
}

const NAMES: ReadonlyMap<string, QuantityName> = new Map(
  ALL_QUANTITIES.flatMap(({ name, key }) => [[name, name] as const, [key, name] as const]),
);
