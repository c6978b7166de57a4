/** The first tables: one wide row per event. */
export const VERSION_1 = `
  CREATE TABLE cost_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    adjusts TEXT,
    time INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    customer TEXT,
    attribution_source TEXT,
    provider TEXT NOT NULL,
    operation TEXT NOT NULL,
    model TEXT,
    request_model TEXT,
    service TEXT,
    service_tier TEXT,
    status TEXT NOT NULL,
    usage_source TEXT NOT NULL,
    cost_status TEXT NOT NULL,
    currency TEXT,
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
    event TEXT NOT NULL
  );
  CREATE INDEX cost_event_time ON cost_event (time);
  CREATE INDEX cost_event_customer ON cost_event (customer, time);
  CREATE INDEX cost_event_adjusts ON cost_event (adjusts) WHERE adjusts IS NOT NULL;

  -- How far each sink has got. Times are milliseconds since 1970.
  CREATE TABLE outbox_sink (
    sink TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    hold_until INTEGER
  ) WITHOUT ROWID;

  -- Events that left the cursor's order: set aside for an attempt of their own, or refused for good.
  CREATE TABLE outbox_entry (
    sink TEXT NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('parked', 'dead')),
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    status INTEGER,
    response TEXT,
    PRIMARY KEY (sink, seq)
  ) WITHOUT ROWID;

  -- Small facts that outlive a process: for whom a batch was started.
  CREATE TABLE call_memory (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) WITHOUT ROWID;
`;
