-- What each customer cost in [start, end), most expensive first. Currencies are never added up.
--
--   clickhouse-client --param_start=2026-11-01 --param_end=2026-12-01 < cost-per-customer.sql
SELECT
    customer,
    currency,
    sum(events)   AS events,
    sum(unpriced) AS unpriced,
    sum(cost)     AS cost
FROM costspan.customer_costs
WHERE day >= {start: Date} AND day < {end: Date}
GROUP BY customer, currency
ORDER BY cost DESC, customer;
