/**
 * Lean rows: what many events share is kept once, and the JSON holds only what has no column. Sums per hour and day
 * beside them, customers, and counts of the outbox.
 */
export const VERSION_3 = `
  -- What many events have in common, kept once. Reports group and filter by it.
  CREATE TABLE dimension (
    dim INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    customer TEXT,
    attribution_source TEXT,
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_model TEXT,
    response_model TEXT,
    service TEXT,
    service_tier TEXT,
    status TEXT NOT NULL,
    error_type TEXT,
    usage_source TEXT NOT NULL,
    cost_status TEXT NOT NULL,
    currency TEXT
  );
  CREATE INDEX dimension_customer ON dimension (customer);

  -- Other facts that come again with many events (price, host, finish reasons), as JSON.
  CREATE TABLE shared_facts (
    shared INTEGER PRIMARY KEY,
    facts TEXT NOT NULL UNIQUE
  );

  -- One row per event, never updated, never deleted. Times are milliseconds since 1970. Money is decimal text;
  -- amount_e15 is the same number in units of 1e-15 where it fits, so that SQL can add it up exactly.
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    adjusts TEXT,
    time INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    amount TEXT,
    amount_e15 INTEGER,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    total_tokens INTEGER,
    other_usage TEXT,
    context TEXT,
    response_id TEXT,
    trace_id TEXT,
    details TEXT NOT NULL
  );
  -- Filters are answered from this index; only what passes them is read.
  CREATE INDEX event_time ON event (time, dim);
  CREATE INDEX event_adjusts ON event (adjusts) WHERE adjusts IS NOT NULL;
  -- The few amounts that are too fine or too large for amount_e15.
  CREATE INDEX event_fine ON event (time) WHERE amount_e15 IS NULL AND amount IS NOT NULL;

  -- Sums per hour and per day (UTC), kept in the transaction that keeps the event. A slice is a dimension with the
  -- context entries that reports are wanted by.
  CREATE TABLE slice (
    slice INTEGER PRIMARY KEY,
    dim INTEGER NOT NULL,
    context TEXT NOT NULL,
    UNIQUE (dim, context)
  );
  CREATE TABLE roll_up (
    days INTEGER NOT NULL, -- 0: the row sums an hour; 1: a day
    start INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    events INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    amount_whole INTEGER NOT NULL, -- whole units of the currency, and the rest in units of 1e-15
    amount_rest INTEGER NOT NULL,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    total_tokens INTEGER,
    PRIMARY KEY (days, start, slice)
  ) WITHOUT ROWID;
  CREATE TABLE roll_up_quantity (
    days INTEGER NOT NULL,
    start INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    sum NUMERIC NOT NULL,
    PRIMARY KEY (days, start, slice, quantity)
  ) WITHOUT ROWID;
  -- roll_up_context: the context entries of slices, a JSON list. roll_up_from, roll_up_to: events in between have yet
  -- to be added, after a rebuild began.
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO setting VALUES ('roll_up_context', '["feature","project","team"]');

  -- Who the customers are. A merged key stays with its events; reports show the key it was merged into.
  CREATE TABLE customer (
    key TEXT PRIMARY KEY,
    name TEXT,
    metadata TEXT,
    plan TEXT,
    rate_card TEXT,
    budgets TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE customer_merge (
    from_key TEXT PRIMARY KEY,
    into_key TEXT NOT NULL,
    merged_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- Counted as they come and go, so that asking how much waits costs the same whatever the answer.
  ALTER TABLE outbox_sink ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outbox_sink ADD COLUMN dead INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX outbox_entry_due ON outbox_entry (sink, state, due_at);
  CREATE INDEX outbox_entry_first ON outbox_entry (sink, state, seq);
  UPDATE outbox_sink SET
    parked = (SELECT count(*) FROM outbox_entry e WHERE e.sink = outbox_sink.sink AND state = 'parked'),
    dead = (SELECT count(*) FROM outbox_entry e WHERE e.sink = outbox_sink.sink AND state = 'dead');
  CREATE TRIGGER outbox_entry_in AFTER INSERT ON outbox_entry BEGIN
    UPDATE outbox_sink SET parked = parked + (NEW.state = 'parked'), dead = dead + (NEW.state = 'dead')
    WHERE sink = NEW.sink;
  END;
  CREATE TRIGGER outbox_entry_out AFTER DELETE ON outbox_entry BEGIN
    UPDATE outbox_sink SET parked = parked - (OLD.state = 'parked'), dead = dead - (OLD.state = 'dead')
    WHERE sink = OLD.sink;
  END;
  CREATE TRIGGER outbox_entry_moved AFTER UPDATE OF state ON outbox_entry BEGIN
    UPDATE outbox_sink SET parked = parked - (OLD.state = 'parked') + (NEW.state = 'parked'),
      dead = dead - (OLD.state = 'dead') + (NEW.state = 'dead')
    WHERE sink = NEW.sink;
  END;

  -- The events of version 1: what others share is taken out of their JSON.
  INSERT INTO dimension (fingerprint, kind, customer, attribution_source, provider, operation, request_model,
      response_model, service, service_tier, status, error_type, usage_source, cost_status, currency)
    SELECT DISTINCT json_array(kind, customer, attribution_source, provider, operation, request_model,
        event ->> 'response_model', service, service_tier, status, event ->> 'error_type', usage_source, cost_status,
        currency),
      kind, customer, attribution_source, provider, operation, request_model, event ->> 'response_model', service,
      service_tier, status, event ->> 'error_type', usage_source, cost_status, currency
    FROM cost_event;
  INSERT INTO shared_facts (facts) VALUES ('{}');
  INSERT INTO event (seq, id, dim, shared, adjusts, time, kept_at, amount, amount_e15, input_tokens,
      cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, total_tokens, other_usage, context,
      response_id, trace_id, details)
    SELECT seq, id, (SELECT dim FROM dimension WHERE fingerprint = json_array(c.kind, c.customer,
        c.attribution_source, c.provider, c.operation, c.request_model, event ->> 'response_model', c.service,
        c.service_tier, c.status, event ->> 'error_type', c.usage_source, c.cost_status, c.currency)),
      (SELECT shared FROM shared_facts), adjusts, time, kept_at, amount, amount_e15, input_tokens, cache_read_tokens,
      cache_write_tokens, output_tokens, reasoning_tokens, total_tokens,
      (SELECT CASE WHEN count(*) > 0 THEN json_group_object(key, value) END
        FROM json_each(c.other_usage) WHERE value <> 0),
      context, event ->> 'response_id', event ->> 'trace_id',
      json_remove(event, '$.id', '$.schema_version', '$.kind', '$.adjusts', '$.timestamp', '$.customer',
        '$.attribution_source', '$.context', '$.provider', '$.operation', '$.request_model', '$.response_model',
        '$.service', '$.service_tier', '$.status', '$.error_type', '$.usage_source', '$.response_id', '$.trace_id')
    FROM cost_event c ORDER BY seq;
  INSERT INTO setting SELECT 'roll_up_from', '0' FROM cost_event LIMIT 1;
  INSERT INTO setting SELECT 'roll_up_to', max(seq) FROM cost_event HAVING count(*) > 0;
  DROP TABLE cost_event;

  -- The events as they are documented, docs/ledger.md.
  CREATE VIEW cost_event AS
    SELECT seq, id, kind, adjusts, time, kept_at, customer, attribution_source, provider, operation,
      coalesce(response_model, request_model) AS model, request_model, response_model, service, service_tier, status,
      error_type, usage_source, cost_status, currency, amount, amount_e15, input_tokens, cache_read_tokens,
      cache_write_tokens, output_tokens, reasoning_tokens, total_tokens, other_usage, context, response_id, trace_id,
      facts AS shared, details
    FROM event JOIN dimension USING (dim) JOIN shared_facts USING (shared);

  CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'cost events are never changed: add an adjustment');
  END;
  CREATE TRIGGER event_remains BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'cost events are never deleted: archive the file');
  END;
  CREATE TRIGGER dimension_stays BEFORE UPDATE ON dimension BEGIN
    SELECT RAISE(ABORT, 'cost events are never changed: add an adjustment');
  END;
  CREATE TRIGGER dimension_remains BEFORE DELETE ON dimension BEGIN
    SELECT RAISE(ABORT, 'cost events are never deleted: archive the file');
  END;
  CREATE TRIGGER shared_facts_stay BEFORE UPDATE ON shared_facts BEGIN
    SELECT RAISE(ABORT, 'cost events are never changed: add an adjustment');
  END;
  CREATE TRIGGER shared_facts_remain BEFORE DELETE ON shared_facts BEGIN
    SELECT RAISE(ABORT, 'cost events are never deleted: archive the file');
  END;
  CREATE TRIGGER cost_event_stays INSTEAD OF UPDATE ON cost_event BEGIN
    SELECT RAISE(ABORT, 'cost events are never changed: add an adjustment');
  END;
  CREATE TRIGGER cost_event_remains INSTEAD OF DELETE ON cost_event BEGIN
    SELECT RAISE(ABORT, 'cost events are never deleted: archive the file');
  END;
`;
