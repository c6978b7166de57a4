-- Cost events in ClickHouse, as collector-config.yaml delivers them. Safe to run again.
--
--   clickhouse-client --multiquery < examples/clickhouse/schema.sql
--
-- Delivery is at least once, so a batch may arrive twice, whole or in part. Every answer below is exact all the same,
-- because an event is known by its id and the same event twice is one event.

-- Atomic is the default engine of a server; said here because the roll-up is refreshed by exchanging tables.
CREATE DATABASE IF NOT EXISTS costspan ENGINE = Atomic;

-- The truth: one row per event id. Duplicates lie in one partition and share the whole sorting key, so a merge, or
-- FINAL before the merge, leaves one of them. Unknown is NULL, never 0.
CREATE TABLE IF NOT EXISTS costspan.cost_events
(
    event_id           String,
    kind               LowCardinality(String) COMMENT 'usage, or adjustment: a correction of another event',
    adjusts            String COMMENT 'the event that an adjustment corrects',
    timestamp          DateTime64(9, 'UTC'),
    customer           String COMMENT 'empty: nobody is billed',
    context            Map(LowCardinality(String), String),
    service            LowCardinality(String),
    provider           LowCardinality(String),
    operation          LowCardinality(String),
    request_model      LowCardinality(String),
    response_model     LowCardinality(String),
    response_id        String,
    status             LowCardinality(String) COMMENT 'ok, error, aborted, partial',
    usage_source       LowCardinality(String) COMMENT 'provider, estimated, none',
    input_tokens       Nullable(UInt64),
    cache_read_tokens  Nullable(UInt64),
    cache_write_tokens Nullable(UInt64),
    output_tokens      Nullable(UInt64),
    reasoning_tokens   Nullable(UInt64),
    cost_status        LowCardinality(String),
    currency           LowCardinality(String),
    cost               Nullable(Decimal(76, 30)) COMMENT 'exact; NULL: unpriced',
    cost_text          String COMMENT 'the amount as it was sent',
    trace_id           String,
    span_id            String,
    event              String COMMENT 'the whole event as JSON' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (customer, toDate(timestamp), event_id);

-- Where the collector's clickhouse exporter writes: its columns, kept nowhere. An insert is acknowledged when the
-- view below has written cost_events; if that fails, the insert fails, and the collector comes again.
CREATE TABLE IF NOT EXISTS costspan.otel_logs
(
    Timestamp          DateTime64(9),
    TraceId            String,
    SpanId             String,
    TraceFlags         UInt8,
    SeverityText       LowCardinality(String),
    SeverityNumber     UInt8,
    ServiceName        LowCardinality(String),
    Body               String,
    ResourceSchemaUrl  LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    ScopeSchemaUrl     LowCardinality(String),
    ScopeName          String,
    ScopeVersion       LowCardinality(String),
    ScopeAttributes    Map(LowCardinality(String), String),
    LogAttributes      Map(LowCardinality(String), String),
    EventName          String
)
ENGINE = Null;

-- The id attribute says what is a cost event, not EventName: an exporter started while ClickHouse was away leaves
-- EventName out.
CREATE MATERIALIZED VIEW IF NOT EXISTS costspan.otel_logs_to_cost_events TO costspan.cost_events AS
SELECT
    LogAttributes['costspan.event.id']                                                       AS event_id,
    LogAttributes['costspan.event.kind']                                                     AS kind,
    LogAttributes['costspan.event.adjusts']                                                  AS adjusts,
    Timestamp                                                                                AS timestamp,
    LogAttributes['costspan.customer']                                                       AS customer,
    mapApply((k, v) -> (substring(k, 18), v),
             mapFilter((k, v) -> startsWith(k, 'costspan.context.'), LogAttributes))         AS context,
    ServiceName                                                                              AS service,
    LogAttributes['gen_ai.provider.name']                                                    AS provider,
    LogAttributes['gen_ai.operation.name']                                                   AS operation,
    LogAttributes['gen_ai.request.model']                                                    AS request_model,
    LogAttributes['gen_ai.response.model']                                                   AS response_model,
    LogAttributes['gen_ai.response.id']                                                      AS response_id,
    LogAttributes['costspan.status']                                                         AS status,
    LogAttributes['costspan.usage.source']                                                   AS usage_source,
    toUInt64OrNull(LogAttributes['gen_ai.usage.input_tokens'])                               AS input_tokens,
    toUInt64OrNull(LogAttributes['gen_ai.usage.cache_read.input_tokens'])                    AS cache_read_tokens,
    toUInt64OrNull(LogAttributes['gen_ai.usage.cache_write.input_tokens'])                   AS cache_write_tokens,
    toUInt64OrNull(LogAttributes['gen_ai.usage.output_tokens'])                              AS output_tokens,
    toUInt64OrNull(LogAttributes['gen_ai.usage.reasoning.output_tokens'])                    AS reasoning_tokens,
    LogAttributes['costspan.cost.status']                                                    AS cost_status,
    LogAttributes['costspan.cost.currency']                                                  AS currency,
    LogAttributes['costspan.cost.amount']                                                    AS cost_text,
    toDecimal256OrNull(LogAttributes['costspan.cost.amount'], 30)                            AS cost,
    TraceId                                                                                  AS trace_id,
    SpanId                                                                                   AS span_id,
    Body                                                                                     AS event
FROM costspan.otel_logs
WHERE LogAttributes['costspan.event.id'] != '';

-- Per customer, day and model, exact at every moment. Start here; it reads only the months that a query names.
CREATE VIEW IF NOT EXISTS costspan.customer_costs AS
SELECT
    customer,
    toDate(timestamp)                           AS day,
    provider,
    response_model                              AS model,
    currency,
    count()                                     AS events,
    countIf(cost_status = 'unpriced')           AS unpriced,
    sum(input_tokens)                           AS input_tokens,
    sum(cache_read_tokens)                      AS cache_read_tokens,
    sum(output_tokens)                          AS output_tokens,
    sum(cost)                                   AS cost
FROM costspan.cost_events FINAL
GROUP BY customer, day, provider, model, currency;

-- The same, stored, for dashboards over many months: computed again from the events every ten minutes and exchanged
-- as a whole. A view that added up each insert (SummingMergeTree) would count a redelivered batch twice.
CREATE TABLE IF NOT EXISTS costspan.customer_costs_stored
(
    customer          String,
    day               Date,
    provider          LowCardinality(String),
    model             LowCardinality(String),
    currency          LowCardinality(String),
    events            UInt64,
    unpriced          UInt64,
    input_tokens      Nullable(UInt64),
    cache_read_tokens Nullable(UInt64),
    output_tokens     Nullable(UInt64),
    cost              Nullable(Decimal(76, 30))
)
ENGINE = MergeTree
ORDER BY (customer, day, provider, model, currency);

CREATE MATERIALIZED VIEW IF NOT EXISTS costspan.customer_costs_refresh
REFRESH EVERY 10 MINUTE TO costspan.customer_costs_stored AS
SELECT * FROM costspan.customer_costs;
