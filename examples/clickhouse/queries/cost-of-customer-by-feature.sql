-- One customer's cost per day, feature and model in [start, end): the lines under an invoice.
SELECT
    toDate(timestamp)         AS day,
    context['feature']        AS feature,
    response_model            AS model,
    currency,
    count()                   AS events,
    sum(input_tokens)         AS input_tokens,
    sum(output_tokens)        AS output_tokens,
    sum(cost)                 AS cost
FROM costspan.cost_events FINAL
WHERE customer = {customer: String}
  AND toDate(timestamp) >= {start: Date} AND toDate(timestamp) < {end: Date}
GROUP BY day, feature, model, currency
ORDER BY day, cost DESC, feature, model;
