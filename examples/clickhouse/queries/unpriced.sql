-- Events without a price in [start, end), by model: they are in no total.
SELECT
    provider,
    response_model AS model,
    count()        AS events
FROM costspan.cost_events FINAL
WHERE cost_status = 'unpriced' AND toDate(timestamp) >= {start: Date} AND toDate(timestamp) < {end: Date}
GROUP BY provider, model
ORDER BY events DESC, provider, model;
