import { ConfigError } from '../../base/errors.ts';
import { flag, type Kind, kind, listOf, mapOf, oneOf, text } from '../../base/options.ts';
import type { JsonObject } from '../../base/read.ts';
import { known } from '../../base/read.ts';
import { didYouMean } from '../../base/spelling.ts';
import type { EventFilter } from '../../ledger/ledger.ts';
import { monthWindow } from '../../reports/period.ts';
import { parseTimeZone } from '../command.ts';
import { filterOf } from '../filter-options.ts';
import { parseTime } from '../../reports/parse-time.ts';
import type { Input, InputsOf } from './tool.ts';

/** Which calls an answer is about: the filters of the command line. */
export interface FilterInput {
  readonly since?: string;
  readonly until?: string;
  readonly month?: string;
  readonly timeZone?: string;
  readonly customer?: string;
  readonly unattributed?: boolean;
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly service?: string;
  readonly status?: NonNullable<EventFilter['status']>;
  readonly costStatus?: NonNullable<EventFilter['costStatus']>;
  readonly unpriced?: boolean;
  readonly context?: Readonly<Record<string, string>>;
}

export const FILTER_INPUTS: InputsOf<FilterInput> = {
  since: words(
    'Calls that started at this time or later: 2026-11-20, 2026-11-20T10:00Z, or an age: 7d, 24h, 30m.',
    parseTime,
  ),
  until: words('Calls that started before this time; the same forms.', parseTime),
  month: words('Calls of one calendar month: 2026-11. Instead of since and until.', monthWindow),
  timeZone: words('Where days and months begin: Europe/Berlin. Default: UTC.', parseTimeZone),
  customer: words('Calls billed to this customer.'),
  unattributed: flagged('Only calls nobody was named for.'),
  provider: words('Calls to this provider: openai, anthropic, …'),
  model: words('Calls to this model, as requested or as answered.'),
  operation: words('Calls of this kind: chat, embeddings, …'),
  service: words('Calls made by this service.'),
  status: choice('How calls ended.', ['ok', 'error', 'aborted', 'partial']),
  costStatus: choice('What is known of the cost.', ['priced', 'free', 'unpriced']),
  unpriced: flagged('Only calls whose cost is not known yet.'),
  context: {
    kind: mapOf(text),
    schema: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description:
        'Calls with these context entries; * stands for any text: { "feature": "chat", "team": "*" }.',
    },
  },
};

/**
 * The filter of a ledger for what was given.
 *
 * @throws {ConfigError} for a period that ends before it begins, and for inputs that exclude each other.
 */
export function filterOfInput(where: string, input: FilterInput): EventFilter {
  const { since, until, month, timeZone: tz, unattributed, unpriced, ...rest } = input;
  if (month !== undefined && (since !== undefined || until !== undefined))
    throw new ConfigError(`${where}: give either 'month', or 'since' and 'until'.`);
  if (unattributed === true && rest.customer !== undefined)
    throw new ConfigError(`${where}: 'unattributed' calls have no customer. Leave one of the two out.`);
  return filterOf({
    ...rest,
    ...known({ since, until, month, tz }),
    ...(unattributed === true ? { unattributed } : {}),
    ...(unpriced === true ? { unpriced } : {}),
  });
}

/** A text, and one that `parse` can read: its error says what was expected. */
export function words(description: string, parse?: (value: string) => unknown): Input<string> {
  const read: Kind<string> = (value, path) => {
    const expected = text(value, path);
    if (expected === undefined && typeof value === 'string') parse?.(value);
    return expected;
  };
  return { kind: read, schema: { type: 'string', description } };
}

export function flagged(description: string): Input<boolean> {
  return { kind: flag, schema: { type: 'boolean', description } };
}

/** One of a few words; another one is answered with the nearest. */
export function choice<const T extends string>(description: string, among: readonly T[]): Input<T> {
  const expected = oneOf(...among);
  return {
    kind: (value, path) => {
      const wrong = expected(value, path);
      if (wrong === undefined || typeof value !== 'string') return wrong;
      throw new ConfigError(`${path}: expected ${wrong}, got '${value}'.${didYouMean(value, among)}`);
    },
    schema: { type: 'string', enum: among, description },
  };
}

export function wholeNumber(description: string, most: number): Input<number> {
  return {
    kind: kind(
      `a whole number from 1 to ${most}`,
      (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most,
    ),
    schema: { type: 'integer', minimum: 1, maximum: most, description },
  };
}

export function several(description: string, parse: (value: string) => unknown): Input<readonly string[]> {
  const item = words(description, parse);
  const schema: JsonObject = { type: 'array', items: { type: 'string' }, description };
  return { kind: listOf(item.kind), schema };
}
