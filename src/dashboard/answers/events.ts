import { toCsv, type CsvValue } from '../../reports/csv.ts';
import { HEADLINE_QUANTITIES } from '../../usage/quantities.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { EventQuery } from '../../ledger/ledger.ts';
import { known } from '../../base/read.ts';
import { ConfigError, describe } from '../../base/errors.ts';
import type { Events } from '../api.ts';
import { eventToJson } from '../event-json.ts';
import { countOf, type Question } from '../question.ts';
import { whileAsked } from '../while-asked.ts';
import type { Answer } from './answer.ts';

/** The events themselves, the newest first unless asked otherwise. */
export const events: Answer = {
  takes: ['order', 'limit', 'cursor'],
  async json(question): Promise<Events> {
    const limit = countOf('limit', question.own.limit, 50, 1_000);
    const found = await Array.fromAsync(question.ledger.events({ ...queryOf(question), limit }));
    return {
      time_zone: question.timeZone,
      events: found.map(eventToJson),
      next_cursor: found.length < limit ? null : (found.at(-1)?.id ?? null),
    };
  },
  async *csv(question) {
    const { ledger, own, signal } = question;
    const limit =
      own.limit === undefined ? undefined : countOf('limit', own.limit, 1, Number.MAX_SAFE_INTEGER);
    let records: CsvValue[][] = [Object.keys(COLUMNS)];
    for await (const event of whileAsked(ledger, signal).events({
      ...queryOf(question),
      ...known({ limit }),
    })) {
      records.push(Object.values(COLUMNS).map((read) => read(event)));
      if (records.length < 500) continue;
      yield toCsv(records);
      records = [];
    }
    yield toCsv(records);
  },
};

function queryOf({ filter, own }: Question): EventQuery {
  const { order = 'desc', cursor } = own;
  if (order !== 'asc' && order !== 'desc')
    throw new ConfigError(`query: expected 'order' to be asc or desc, got ${describe(order)}.`);
  return { ...filter, order, ...known({ cursor }) };
}

const COLUMNS: Readonly<Record<string, (event: CostEvent) => CsvValue>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  adjusts: ({ adjusts }) => adjusts,
  timestamp: ({ timestamp }) => timestamp.toISOString(),
  customer: ({ customer }) => customer,
  unattributed: ({ customer, attributionSource }) =>
    String(customer === null && attributionSource === undefined),
  provider: ({ provider }) => provider,
  operation: ({ operation }) => operation,
  request_model: ({ requestModel }) => requestModel,
  response_model: ({ responseModel }) => responseModel,
  service: ({ service }) => service,
  status: ({ status }) => status,
  error_type: ({ errorType }) => errorType,
  ...Object.fromEntries(
    HEADLINE_QUANTITIES.map(({ name, key }) => [key, ({ usage }: CostEvent) => usage[name]]),
  ),
  usage_source: ({ usageSource }) => usageSource,
  cost_status: ({ cost }) => cost.status,
  currency: ({ cost }) => cost.currency,
  amount: ({ cost }) => cost.amount,
  price: ({ cost }) => cost.price?.id,
  price_list: ({ cost }) => cost.price?.list,
  duration_ms: ({ durationMs }) => durationMs,
  response_id: ({ responseId }) => responseId,
  trace_id: ({ traceId }) => traceId,
  context: ({ context }) => JSON.stringify(context),
};
