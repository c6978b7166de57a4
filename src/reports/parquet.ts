import type { ColumnSource, SchemaElement } from 'hyparquet-writer';
import { exact } from '../base/decimal.ts';
import { ConfigError, CostspanError } from '../base/errors.ts';
import type { CostEvent, CostEventJson } from '../metering/cost-event.ts';
import { HEADLINE_QUANTITIES } from '../usage/quantities.ts';

/** Rows written together; so many are in memory at a time. */
const ROW_GROUP = 10_000;
/** Money is DECIMAL(38, 18), which DuckDB, Spark, BigQuery and pandas all know. */
const PRECISION = 38;
const SCALE = 18;

/** Events as a Parquet file, piece by piece: one row per event, money as exact decimals. */
export async function* parquetParts(
  events: AsyncIterable<CostEvent>,
  told: (event: CostEvent) => void,
): AsyncIterable<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await loadWriter();
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaOf(COLUMNS), createdBy: 'costspan' });
  const written = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    // What was taken is gone; positions in the file go on counting.
    writer.index = 0;
    return bytes;
  };
  let rows: Row[] = [];
  const writeRows = async (): Promise<void> => {
    const columnData = COLUMNS.map((column): ColumnSource => ({
      name: column.name,
      data: rows.map((row) => column.read(row)),
    }));
    await file.write({ columnData, rowGroupSize: ROW_GROUP });
    rows = [];
  };
  for await (const event of events) {
    told(event);
    rows.push({ event, json: event.toJSON() });
    if (rows.length < ROW_GROUP) continue;
    await writeRows();
    yield written();
  }
  if (rows.length > 0) await writeRows();
  await file.finish();
  yield written();
}

/** The package is brought by those who want Parquet. */
async function loadWriter(): Promise<typeof import('hyparquet-writer')> {
  try {
    return await import('hyparquet-writer');
  } catch (cause) {
    throw new ConfigError(
      'Parquet is written by the package hyparquet-writer, which is not installed here: npm install hyparquet-writer@0.17',
      { cause },
    );
  }
}

interface Row {
  readonly event: CostEvent;
  readonly json: CostEventJson;
}

interface Column {
  readonly name: string;
  readonly type: Omit<SchemaElement, 'name'>;
  read(row: Row): unknown;
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const NUMBER = { type: 'DOUBLE' } as const;
const WHOLE = { type: 'INT64' } as const;
const FLAG = { type: 'BOOLEAN' } as const;
const TIME = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as const;
const MONEY = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  converted_type: 'DECIMAL',
  precision: PRECISION,
  scale: SCALE,
} as const;

/** A field of the event's JSON form under its own name. */
function field(name: string, type: Column['type']): Column {
  return { name, type, read: ({ json }) => json[name] ?? undefined };
}

/** What has a shape of its own in every event is JSON text. */
function jsonText(name: string, value: (row: Row) => unknown): Column {
  return {
    name,
    type: TEXT,
    read: (row) => {
      const given = value(row);
      return given === undefined ? undefined : JSON.stringify(given);
    },
  };
}

const COLUMNS: readonly Column[] = [
  field('id', TEXT),
  field('kind', TEXT),
  field('adjusts', TEXT),
  { name: 'timestamp', type: TIME, read: ({ event }) => event.timestamp },
  field('duration_ms', NUMBER),
  field('time_to_first_token_ms', NUMBER),
  field('customer', TEXT),
  field('attribution_source', TEXT),
  jsonText('context', ({ json }) => json.context),
  field('provider', TEXT),
  field('operation', TEXT),
  field('request_model', TEXT),
  field('response_model', TEXT),
  field('response_id', TEXT),
  field('request_id', TEXT),
  field('service_tier', TEXT),
  field('stream', FLAG),
  field('status', TEXT),
  field('error_type', TEXT),
  ...HEADLINE_QUANTITIES.map(({ name, key }): Column => ({
    name: key,
    type: WHOLE,
    read: ({ event }) => whole(event.usage[name]),
  })),
  jsonText('usage', ({ json }) => json.usage),
  field('usage_source', TEXT),
  { name: 'cost_status', type: TEXT, read: ({ event }) => event.cost.status },
  { name: 'currency', type: TEXT, read: ({ event }) => event.cost.currency },
  { name: 'amount', type: MONEY, read: ({ event }) => money(event, event.cost.amount) },
  { name: 'cost_source', type: TEXT, read: ({ event }) => event.cost.source },
  { name: 'cost_reason', type: TEXT, read: ({ event }) => event.cost.reason },
  jsonText('cost', ({ json }) => json.cost),
  { name: 'charge_currency', type: TEXT, read: ({ event }) => event.charge?.currency },
  { name: 'charge_amount', type: MONEY, read: ({ event }) => money(event, event.charge?.amount) },
  field('trace_id', TEXT),
  field('span_id', TEXT),
  field('service', TEXT),
];

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'cost_event', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ ...type, name, repetition_type: 'OPTIONAL' })),
  ];
}

function whole(quantity: number | undefined): bigint | undefined {
  return quantity === undefined ? undefined : BigInt(Math.round(quantity));
}

/** In units of 1e-18, exactly. */
function money({ id }: CostEvent, amount: string | undefined): bigint | undefined {
  if (amount === undefined) return undefined;
  const { digits, scale } = exact(amount);
  const fits = scale <= SCALE;
  const units = fits ? digits * 10n ** BigInt(SCALE - scale) : 0n;
  if (fits && units < LIMIT && units > -LIMIT) return units;
  throw new CostspanError(
    'EXPORT_FAILED',
    `The amount ${amount} of event ${id} is not one of ${PRECISION - SCALE} digits and ${SCALE} places, which is what Parquet's decimals hold. Export NDJSON, which has every amount as text.`,
  );
}

const LIMIT = 10n ** BigInt(PRECISION);
