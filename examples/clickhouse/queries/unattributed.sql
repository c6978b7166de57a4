-- Cost that nobody is billed for in [start, end), by service and model: where an attribution is missing.
SELECT
    service,
    response_model AS model,
    currency,
    count()        AS events,
    sum(cost)      AS cost
FROM costspan.cost_events FINAL
WHERE customer = '' AND toDate(timestamp) >= {start: Date} AND toDate(timestamp) < {end: Date}
GROUP BY service, model, currency
ORDER BY cost DESC, service, model;
