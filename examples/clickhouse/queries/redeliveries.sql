-- Copies that are still stored next to their original: the price of at-least-once delivery, gone after the next
-- merge and in no total above.
SELECT
    count() - uniqExact(event_id) AS copies,
    count()                       AS rows
FROM costspan.cost_events;
