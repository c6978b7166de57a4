import { BUDGET_FUNCTIONS } from './budget-functions.ts';
import { DIMENSION_COLUMNS, USAGE_COLUMNS } from '../event-row.ts';

/** The tables are made and changed under this lock, so that processes may start together. */
export const MIGRATION_LOCK = 0x4353504e;

const dimensions = (extra = ''): string =>
  DIMENSION_COLUMNS.map((name) => `${name} text${extra === '' || !REQUIRED.has(name) ? '' : extra}`).join(
    ', ',
  );
const REQUIRED: ReadonlySet<string> = new Set([
  'kind',
  'provider',
  'operation',
  'status',
  'usage_source',
  'cost_status',
]);
const usage = USAGE_COLUMNS.map((name) => `${name} bigint`).join(', ');

const VERSION_1 = `
  -- Every id, so that an event is kept once whatever its time.
  CREATE TABLE event_id (id text PRIMARY KEY);

  -- One row per event, never updated, never deleted; a partition per month.
  CREATE TABLE cost_event (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL,
    adjusts text,
    time timestamptz NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ${dimensions(' NOT NULL')},
    model text GENERATED ALWAYS AS (coalesce(response_model, request_model)) STORED,
    amount numeric,
    ${usage},
    other_usage jsonb,
    context jsonb,
    response_id text,
    trace_id text,
    shared json NOT NULL,
    details json NOT NULL
  ) PARTITION BY RANGE (time);
  CREATE INDEX cost_event_id ON cost_event (id);
  CREATE INDEX cost_event_time ON cost_event (time, id);
  CREATE INDEX cost_event_customer ON cost_event (customer, time);
  CREATE INDEX cost_event_response ON cost_event (response_id);
  CREATE INDEX cost_event_trace ON cost_event (trace_id);
  CREATE INDEX cost_event_adjusts ON cost_event (adjusts) WHERE adjusts IS NOT NULL;
  -- For times that have no partition: before the first, or years ahead.
  CREATE TABLE cost_event_other PARTITION OF cost_event DEFAULT;

  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'cost events are never changed or deleted: add an adjustment, or drop a partition'; END $$;
  CREATE TRIGGER cost_event_stays BEFORE UPDATE OR DELETE ON cost_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

  -- Sums per hour and per day (UTC), kept in the transaction that keeps the event.
  CREATE TABLE slice (
    slice bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint text NOT NULL UNIQUE,
    ${dimensions()},
    context jsonb NOT NULL
  );
  CREATE TABLE roll_up (
    days boolean NOT NULL, -- false: the row sums an hour; true: a day
    start timestamptz NOT NULL,
    slice bigint NOT NULL,
    events bigint NOT NULL,
    unpriced bigint NOT NULL,
    amount numeric NOT NULL,
    ${usage},
    PRIMARY KEY (days, start, slice)
  );
  CREATE TABLE roll_up_quantity (
    days boolean NOT NULL,
    start timestamptz NOT NULL,
    slice bigint NOT NULL,
    quantity text NOT NULL,
    sum numeric NOT NULL,
    PRIMARY KEY (days, start, slice, quantity)
  );
  CREATE TABLE setting (name text PRIMARY KEY, value jsonb NOT NULL);
  INSERT INTO setting VALUES ('roll_up_context', '["feature","project","team"]');

  CREATE TABLE customer (
    key text PRIMARY KEY,
    name text,
    metadata jsonb,
    plan text,
    rate_card text,
    budgets jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE customer_merge (
    from_key text PRIMARY KEY,
    into_key text NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now()
  );

  -- What other sinks have not had yet: a row per sink and event until it is delivered.
  CREATE TABLE outbox_sink (sink text PRIMARY KEY, hold_until timestamptz);
  CREATE TABLE outbox_entry (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sink text NOT NULL REFERENCES outbox_sink ON DELETE CASCADE,
    id text NOT NULL,
    time timestamptz NOT NULL,
    kept_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'next' CHECK (state IN ('next', 'parked', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    lease_owner text,
    lease_until timestamptz,
    failed_at timestamptz,
    error text,
    status integer,
    response text
  );
  CREATE INDEX outbox_entry_due ON outbox_entry (sink, state, position);

  CREATE TABLE call_memory (
    kind text NOT NULL,
    key text NOT NULL,
    value jsonb NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, key)
  );
  CREATE INDEX call_memory_kept_at ON call_memory (kept_at);
`;

/** Budgets; parts of periods are milliseconds since 1970. */
const VERSION_2 = `
  CREATE TABLE budget_part (
    counter text NOT NULL,
    bucket bigint NOT NULL,
    budget text NOT NULL,
    scope text NOT NULL,
    spent numeric NOT NULL,
    PRIMARY KEY (counter, bucket)
  );
  CREATE INDEX budget_part_budget ON budget_part (budget, bucket);
  CREATE TABLE budget_hold (
    counter text NOT NULL,
    call text NOT NULL,
    bucket bigint NOT NULL,
    amount numeric NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (counter, call)
  );
  CREATE INDEX budget_hold_call ON budget_hold (call);
  CREATE TABLE budget_event (id text PRIMARY KEY);
  CREATE TABLE budget_crossing (
    counter text NOT NULL,
    start bigint NOT NULL,
    percent double precision NOT NULL,
    PRIMARY KEY (counter, start, percent)
  );
  CREATE TABLE budget_definition (id text PRIMARY KEY, definition text NOT NULL);
  CREATE TABLE budget_notice (
    id text PRIMARY KEY,
    created_at timestamptz NOT NULL,
    body text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    told boolean NOT NULL DEFAULT false,
    due_at timestamptz NOT NULL DEFAULT '-infinity'
  );
  CREATE INDEX budget_notice_due ON budget_notice (due_at) WHERE NOT told;
`;

/** What is rare is found without reading the rest: a value of the context, an unpriced call, the sums of a customer. */
const VERSION_4 = `
  CREATE INDEX cost_event_context ON cost_event USING gin (context jsonb_path_ops);
  CREATE INDEX cost_event_unpriced ON cost_event (time, id) WHERE cost_status = 'unpriced';
  CREATE INDEX slice_customer ON slice (customer);
  CREATE INDEX roll_up_slice ON roll_up (slice, days, start);
  CREATE INDEX roll_up_quantity_slice ON roll_up_quantity (slice, days, start);
`;

/**
 * Every version of the tables, oldest first. A migration that was released is never edited; a change is a new one at
 * the end.
 */
export const MIGRATIONS: readonly string[] = [VERSION_1, VERSION_2, BUDGET_FUNCTIONS, VERSION_4];
