import { exact } from '../../base/decimal.ts';
import { addParts, type RowPart } from '../cost-row.ts';
import { USAGE_COLUMNS } from '../event-row.ts';
import type { CostQuery, CostRow } from '../ledger.ts';
import { isSummed, type Span, split } from '../plan.ts';
import { bucketSize, isTime, labelOf } from '../time-buckets.ts';
import type { Queries, Row } from './database.ts';
import {
  addDimensionFilter,
  addEventFilter,
  Conditions,
  dimensionSql,
  IS_UNPRICED,
  type Keys,
  keysOf,
} from './where.ts';

/** Whole hours and days from the sums kept beside the events, the ragged ends and everything else from the events. */
export async function queryEvents(query: Queries, asked: CostQuery): Promise<CostRow[]> {
  const [setting] = await query(`SELECT value FROM setting WHERE name = 'roll_up_context'`);
  const keys = await keysOf(query, asked);
  const size = bucketSize(asked);
  const [start, end] = [asked.start?.getTime() ?? -Infinity, asked.end?.getTime() ?? Infinity];
  const { days, hours, rest } = isSummed(asked, setting?.value as readonly string[] | undefined, size)
    ? split(start, end, size)
    : { days: [], hours: [], rest: [[start, end] as const] };
  const parts: RowPart[] = [];
  const sources: Source[] = [
    ...days.map((span) => summed(asked, span, true, size, keys)),
    ...hours.map((span) => summed(asked, span, false, size, keys)),
    ...rest.map((span) => scanned(asked, span, size, keys)),
  ];
  for (const { sums, quantities } of sources) {
    for (const row of await query(sums.sql, sums.values)) parts.push(partOf(row, asked));
    for (const row of await query(quantities.sql, quantities.values))
      parts.push({ ...groupOf(row, asked), usage: { [String(row.quantity)]: Number(row.total) } });
  }
  return addParts(parts, asked);
}

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

interface Source {
  readonly sums: Statement;
  readonly quantities: Statement;
}

const USAGE_SUMS = USAGE_COLUMNS.map((name) => `sum(${name}) AS ${name}`).join(', ');
const ESTIMATED = `FILTER (WHERE usage_source = 'estimated')`;
const FAILED = `FILTER (WHERE status = 'error')`;

function summed(query: CostQuery, span: Span, days: boolean, size: number | undefined, keys: Keys): Source {
  const statement = (table: string, columns: string, by: string): Statement => {
    const conditions = new Conditions();
    const groups = groupsOf(query, size, 'r.start', conditions);
    conditions.add(`days = ${String(days)}`);
    addSpan(span, 'r.start', conditions);
    addDimensionFilter(query, conditions, keys);
    return {
      sql: `SELECT ${groups}, ${columns} FROM ${table} r JOIN slice USING (slice) ${conditions.toString()} GROUP BY ${ordinals(query, size)}${by}`,
      values: conditions.values,
    };
  };
  return {
    sums: statement(
      'roll_up',
      `sum(events) AS events, sum(unpriced) AS unpriced, sum(events) ${ESTIMATED} AS estimated,
       sum(events) ${FAILED} AS errors, sum(amount) AS amount, sum(amount) ${ESTIMATED} AS estimated_amount, ${USAGE_SUMS}`,
      '',
    ),
    quantities: statement('roll_up_quantity', 'quantity, sum(sum) AS total', ', quantity'),
  };
}

function scanned(query: CostQuery, span: Span, size: number | undefined, keys: Keys): Source {
  const statement = (columns: string, more: string, by: string): Statement => {
    const conditions = new Conditions();
    const groups = groupsOf(query, size, 'e.time', conditions);
    addSpan(span, 'e.time', conditions);
    addDimensionFilter(query, conditions, keys);
    addEventFilter(query, conditions);
    return {
      sql: `SELECT ${groups}, ${columns} FROM cost_event e ${more} ${conditions.toString()} GROUP BY ${ordinals(query, size)}${by}`,
      values: conditions.values,
    };
  };
  return {
    sums: statement(
      `count(*) FILTER (WHERE kind = 'usage') AS events, count(*) FILTER (WHERE ${IS_UNPRICED}) AS unpriced,
       count(*) FILTER (WHERE usage_source = 'estimated') AS estimated, count(*) ${FAILED} AS errors,
       sum(amount) AS amount, sum(amount) ${ESTIMATED} AS estimated_amount, ${USAGE_SUMS}`,
      '',
      '',
    ),
    quantities: statement(
      'other.key AS quantity, sum(other.value::numeric) AS total',
      'CROSS JOIN LATERAL jsonb_each_text(e.other_usage) other',
      ', other.key',
    ),
  };
}

/** The values of the dimensions, the currency, and the bucket of time. */
function groupsOf(query: CostQuery, size: number | undefined, time: string, conditions: Conditions): string {
  const columns = (query.groupBy ?? []).flatMap((name, index) =>
    isTime(name) ? [] : [`${dimensionSql(name, conditions)} AS d${index}`],
  );
  const bucket =
    size === undefined ? [] : [`floor(extract(epoch FROM ${time}) * 1000 / ${size}) * ${size} AS bucket`];
  return [...columns, 'currency AS cur', ...bucket].join(', ');
}

/** `1, 2, 3`: the groups are the first columns. */
function ordinals({ groupBy = [] }: CostQuery, size: number | undefined): string {
  const count = groupBy.filter((name) => !isTime(name)).length + 1 + (size === undefined ? 0 : 1);
  return Array.from({ length: count }, (_, index) => index + 1).join(', ');
}

function addSpan([start, end]: Span, time: string, conditions: Conditions): void {
  if (Number.isFinite(start)) conditions.add(`${time} >= ${conditions.value(new Date(start))}`);
  if (Number.isFinite(end)) conditions.add(`${time} < ${conditions.value(new Date(end))}`);
}

function partOf(row: Row, query: CostQuery): RowPart {
  const usage: Record<string, number> = {};
  for (const name of USAGE_COLUMNS) if (row[name] !== null) usage[name] = Number(row[name]);
  return {
    ...groupOf(row, query),
    events: Number(row.events),
    unpriced: Number(row.unpriced),
    estimated: Number(row.estimated ?? 0),
    errors: Number(row.errors ?? 0),
    amount: exact(textOrNull(row.amount) ?? '0'),
    estimatedAmount: exact(textOrNull(row.estimated_amount) ?? '0'),
    usage,
  };
}

function groupOf(row: Row, { groupBy = [], timeZone }: CostQuery): Pick<RowPart, 'values' | 'currency'> {
  return {
    values: groupBy.map((name, index) =>
      isTime(name) ? labelOf(name, Number(row.bucket), timeZone) : textOrNull(row[`d${index}`]),
    ),
    currency: textOrNull(row.cur),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
