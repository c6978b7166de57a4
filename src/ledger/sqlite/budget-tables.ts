/** The tables of budgets; amounts are decimal text, times milliseconds since 1970. */
export const BUDGET_TABLES = `
  -- What was spent, per counter and part of time. The period is in the key: a new one is a new row.
  CREATE TABLE budget_part (
    counter TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    budget TEXT NOT NULL,
    scope TEXT NOT NULL,
    spent TEXT NOT NULL,
    PRIMARY KEY (counter, bucket)
  ) WITHOUT ROWID;
  CREATE INDEX budget_part_budget ON budget_part (budget, bucket);

  -- Set aside for calls under way.
  CREATE TABLE budget_hold (
    counter TEXT NOT NULL,
    call TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    amount TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (counter, call)
  ) WITHOUT ROWID;
  CREATE INDEX budget_hold_call ON budget_hold (call);
  CREATE INDEX budget_hold_expiry ON budget_hold (expires_at);

  -- Events that were counted, so that none is counted twice.
  CREATE TABLE budget_event (id TEXT PRIMARY KEY) WITHOUT ROWID;

  -- Thresholds that were passed, once per period.
  CREATE TABLE budget_crossing (
    counter TEXT NOT NULL,
    start INTEGER NOT NULL,
    percent REAL NOT NULL,
    PRIMARY KEY (counter, start, percent)
  ) WITHOUT ROWID;

  CREATE TABLE budget_definition (id TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE budget_notice (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    told INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX budget_notice_due ON budget_notice (due_at) WHERE told = 0;
`;
