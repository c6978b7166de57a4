import { toCsv, type CsvValue } from '../../reports/csv.ts';
import type { Window } from '../../reports/period.ts';
import { HEADLINE_QUANTITIES } from '../../usage/quantities.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { EventQuery } from '../../ledger/ledger.ts';
import { known } from '../../base/read.ts';
import { ConfigError, describe } from '../../base/errors.ts';
import type { Events } from '../api.ts';
import { eventToJson } from '../event-json.ts';
import { IN_PARTS, inParts, isReadFromEvents } from '../in-parts.ts';
import { countOf, type Question } from '../question.ts';
import { whileAsked } from '../while-asked.ts';
import type { Answer } from './answer.ts';

/** The events themselves, the newest first unless asked otherwise. */
export const events: Answer = {
  takes: ['order', 'limit', 'cursor', ...IN_PARTS],
  async json(question): Promise<Events> {
    const { ledger, filter, timeZone, own } = question;
    const limit = countOf('limit', own.limit, 50, 1_000);
    const query = queryOf(question);
    const found: CostEvent[] = [];
    const isQuick = !isReadFromEvents(filter);
    const period = isQuick ? filter : await periodBehind(question, query);
    const rest = await inParts(question, period, { order: query.order, isQuick }, async (part) => {
      const events = ledger.events({ ...query, ...part, limit: limit - found.length });
      for await (const event of events) found.push(event);
      return found.length === limit;
    });
    return {
      time_zone: timeZone,
      events: found.map(eventToJson),
      next_cursor: found.length < limit ? null : (found.at(-1)?.id ?? null),
      rest: rest === null ? null : `${rest}&order=${query.order}&limit=${limit - found.length}`,
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

/** What lies on this side of the cursor is not searched again. */
async function periodBehind(
  { ledger }: Question,
  { cursor, order, start, end }: AskedEvents,
): Promise<Partial<Window>> {
  const period = known({ start, end });
  if (cursor === undefined) return period;
  for await (const { timestamp } of ledger.events({ id: cursor, limit: 1 }))
    return order === 'asc'
      ? { ...period, start: timestamp }
      : { ...period, end: new Date(timestamp.getTime() + 1) };
  return period;
}

type AskedEvents = EventQuery & { readonly order: 'asc' | 'desc' };

function queryOf({ filter, own }: Question): AskedEvents {
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
