import type { CostEvent } from '../../metering/cost-event.ts';
import { DIMENSION_COLUMNS, eventToRow, USAGE_COLUMNS } from '../event-row.ts';
import type { Database, Queries } from './database.ts';
import { jsonText } from './json-text.ts';

const COLUMNS = [
  'id',
  'adjusts',
  'time',
  ...DIMENSION_COLUMNS,
  'amount',
  ...USAGE_COLUMNS,
  'other_usage',
  'context',
  'response_id',
  'trace_id',
  'shared',
  'details',
] as const;

const TYPES: Readonly<Record<string, string>> = {
  time: 'timestamptz',
  amount: 'numeric',
  other_usage: 'jsonb',
  context: 'jsonb',
  shared: 'json',
  details: 'json',
  ...Object.fromEntries(USAGE_COLUMNS.map((name) => [name, 'bigint'])),
};

/** Processes that add corrections wait for those that add events, so that neither misses the other. */
const CORRECTIONS_LOCK = 0x434f5252;

/** Keeps the events in one transaction, each once, with the sums and the outbox. */
export async function writeEvents(database: Database, events: readonly CostEvent[]): Promise<void> {
  const rows = events.map(recordOf);
  const months = [...new Set(events.map(({ timestamp }) => timestamp.toISOString().slice(0, 7)))].toSorted();
  const corrects = events.some(({ adjusts }) => adjusts !== undefined);
  const work = async (query: Queries): Promise<void> => {
    await query(`SELECT pg_advisory_xact_lock${corrects ? '' : '_shared'}($1, hashtext($2))`, [
      CORRECTIONS_LOCK,
      database.schema,
    ]);
    for (const month of months) await ensurePartition(query, month, database.schema);
    const fresh = await query(INSERT, [jsonText(rows)]);
    if (fresh.length === 0) return;
    const ids = fresh.map(({ id }) => id);
    await addUp(query, 'id = ANY($1)', ids);
    if (corrects) await query(PRICED_LATER, [ids]);
    await query(OUTBOX, [ids]);
  };
  try {
    await database.transaction(work);
  } catch (error) {
    // Partitions it had made are gone again.
    KNOWN.clear();
    throw error;
  }
}

function recordOf(event: CostEvent): Record<string, unknown> {
  const row = eventToRow(event);
  return {
    id: row.id,
    adjusts: row.adjusts,
    time: new Date(row.time).toISOString(),
    ...Object.fromEntries(DIMENSION_COLUMNS.map((name, index) => [name, row.dimensions[index]])),
    amount: row.amount,
    ...Object.fromEntries(USAGE_COLUMNS.map((name, index) => [name, row.usage[index]])),
    other_usage: row.otherUsage,
    context: row.context,
    response_id: row.responseId,
    trace_id: row.traceId,
    shared: row.shared,
    details: row.details,
  };
}

const INSERT = `
  WITH given AS (
    SELECT DISTINCT ON (id) * FROM json_to_recordset($1::json)
      AS x(${COLUMNS.map((name) => `${name} ${TYPES[name] ?? 'text'}`).join(', ')})
  ), fresh AS (
    INSERT INTO event_id (id) SELECT id FROM given ORDER BY id ON CONFLICT DO NOTHING RETURNING id
  )
  INSERT INTO cost_event (${COLUMNS.join(', ')})
  SELECT ${COLUMNS.join(', ')} FROM given JOIN fresh USING (id) RETURNING id`;

/** The outbox gets what is new, for every sink there is. */
const OUTBOX = `INSERT INTO outbox_entry (sink, id, time, kept_at)
  SELECT sink, id, time, kept_at FROM cost_event CROSS JOIN outbox_sink WHERE id = ANY($1) ORDER BY seq`;

const NAMED = `(SELECT value FROM setting WHERE name = 'roll_up_context')`;

/** The slice that an event belongs to: its dimensions, and the context entries that sums are kept by. */
const SLICES = `
  SELECT e.*, named, md5(jsonb_build_array(${DIMENSION_COLUMNS.join(', ')}, named)::text) AS fingerprint
  FROM cost_event e CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') AS named FROM jsonb_each_text(coalesce(context, '{}'))
    WHERE value IS NOT NULL AND ${NAMED} ? key
  ) n`;

const NOT_CORRECTED = 'NOT EXISTS (SELECT 1 FROM cost_event later WHERE later.adjusts = e.id)';
const IS_UNPRICED = `(kind = 'usage' AND cost_status = 'unpriced')`;

const SPANS = `(VALUES (false, 'hour'), (true, 'day')) AS span(days, unit)`;
const START = `date_trunc(unit, e.time, 'UTC')`;

/** Adds events to the sums; rows are locked in the order of their key, so that two processes never wait for each other. */
export async function addUp(query: Queries, condition: string, value: unknown): Promise<void> {
  await query(
    `INSERT INTO slice (fingerprint, ${DIMENSION_COLUMNS.join(', ')}, context)
     SELECT DISTINCT ON (fingerprint) fingerprint, ${DIMENSION_COLUMNS.join(', ')}, named
     FROM (${SLICES} WHERE ${condition}) e ORDER BY fingerprint ON CONFLICT DO NOTHING`,
    [value],
  );
  await query(
    `INSERT INTO roll_up (days, start, slice, events, unpriced, amount, ${USAGE_COLUMNS.join(', ')})
     SELECT days, ${START} AS start, s.slice, count(*) FILTER (WHERE e.kind = 'usage'),
       count(*) FILTER (WHERE e.is_open), coalesce(sum(amount), 0), ${USAGE_COLUMNS.map((name) => `sum(${name})`).join(', ')}
     FROM (SELECT e.*, ${IS_UNPRICED} AND ${NOT_CORRECTED} AS is_open FROM (${SLICES} WHERE ${condition}) e) e
     JOIN slice s USING (fingerprint) CROSS JOIN ${SPANS}
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
     ON CONFLICT (days, start, slice) DO UPDATE SET events = roll_up.events + excluded.events,
       unpriced = roll_up.unpriced + excluded.unpriced, amount = roll_up.amount + excluded.amount,
       ${USAGE_COLUMNS.map((name) => `${name} = coalesce(roll_up.${name} + excluded.${name}, roll_up.${name}, excluded.${name})`).join(', ')}`,
    [value],
  );
  await query(
    `INSERT INTO roll_up_quantity (days, start, slice, quantity, sum)
     SELECT days, ${START} AS start, s.slice, key, sum(value::numeric)
     FROM (${SLICES} WHERE ${condition}) e JOIN slice s USING (fingerprint)
     CROSS JOIN LATERAL jsonb_each_text(e.other_usage) CROSS JOIN ${SPANS}
     GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
     ON CONFLICT (days, start, slice, quantity) DO UPDATE SET sum = roll_up_quantity.sum + excluded.sum`,
    [value],
  );
}

/** Unpriced events that are corrected for the first time, by some of these, are unpriced no more. */
const PRICED_LATER = `
  UPDATE roll_up r SET unpriced = r.unpriced - c.priced
  FROM (
    SELECT days, ${START} AS start, s.slice, count(*) AS priced
    FROM (${SLICES} WHERE id IN (SELECT adjusts FROM cost_event WHERE id = ANY($1)) AND ${IS_UNPRICED}
      AND id <> ALL($1)
      AND NOT EXISTS (SELECT 1 FROM cost_event a WHERE a.adjusts = e.id AND a.id <> ALL($1))) e
    JOIN slice s USING (fingerprint) CROSS JOIN ${SPANS} GROUP BY 1, 2, 3
  ) c WHERE r.days = c.days AND r.start = c.start AND r.slice = c.slice`;

/** Makes a month's partition, and that of the next month ahead of time, unless they are there. */
async function ensurePartition(query: Queries, month: string, schema: string): Promise<void> {
  const [year = 0, index = 1] = month.split('-').map(Number);
  const now = new Date();
  const isNow = year === now.getUTCFullYear() && index === now.getUTCMonth() + 1;
  for (const ahead of isNow ? [0, 1] : [0]) {
    const [start, end] = [
      new Date(Date.UTC(year, index - 1 + ahead)),
      new Date(Date.UTC(year, index + ahead)),
    ];
    const name = `cost_event_${start.toISOString().slice(0, 7).replace('-', '_')}`;
    if (KNOWN.has(`${schema}.${name}`)) continue;
    if (!/^\d{4}-/.test(start.toISOString())) continue;
    const [found] = await query('SELECT to_regclass($1) AS name', [name]);
    if (found?.name === null) await makePartition(query, name, start, end, schema);
    KNOWN.add(`${schema}.${name}`);
  }
}

const KNOWN = new Set<string>();
const PARTITION_LOCK = 0x50415254;

async function makePartition(
  query: Queries,
  name: string,
  start: Date,
  end: Date,
  schema: string,
): Promise<void> {
  await query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [PARTITION_LOCK, schema]);
  const [taken] = await query(
    'SELECT EXISTS (SELECT 1 FROM cost_event_other WHERE time >= $1 AND time < $2) AS taken',
    [start, end],
  );
  // Events of that month lie in the partition for all others already; they are found there as well.
  if (taken?.taken === true) return;
  await query(
    `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF cost_event FOR VALUES FROM ('${start.toISOString()}') TO ('${end.toISOString()}')`,
  );
}
