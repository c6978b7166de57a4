-- Whether the numbers above can be trusted; every column should be 0.
--   unreadable  costs that were sent and are no number
--   rounded     costs with more than the column's 30 decimals
--   undated     events whose time is missing, so that no period holds them
SELECT
    countIf(cost_text != '' AND cost IS NULL)                                         AS unreadable,
    countIf(length(splitByChar('.', cost_text)[2]) > 30)                              AS rounded,
    countIf(timestamp < toDateTime64('2020-01-01', 9, 'UTC'))                         AS undated
FROM costspan.cost_events FINAL;
