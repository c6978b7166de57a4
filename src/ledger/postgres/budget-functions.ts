/**
 * Holding and settling as functions: one way to the server instead of five, and counters are locked only for as long as
 * the server itself takes. They follow `budget-rules.ts`; the contract holds both to the same answers.
 *
 * Everybody locks in one order, that of the keys themselves, so that two transactions never wait for each other. Each
 * statement of a function sees what was committed before it, so also what was committed while it waited for the locks.
 */
export const BUDGET_FUNCTIONS = `
  CREATE FUNCTION lock_budgets(counters text[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(sorted.key) FROM
      (SELECT DISTINCT hashtextextended(each, 0) AS key FROM unnest(counters) AS each ORDER BY 1 OFFSET 0) AS sorted;
  END $$;

  CREATE FUNCTION spent_of(key text, start bigint, finish bigint) RETURNS numeric LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    RETURN (SELECT coalesce(sum(p.spent), 0) FROM budget_part p WHERE p.counter = key AND p.bucket >= start AND p.bucket < finish);
  END $$;

  -- The first counter without room, if any; otherwise everything is held.
  CREATE FUNCTION hold_budgets(
    call_id text, at timestamptz, until timestamptz,
    counters text[], buckets bigint[], starts bigint[], finishes bigint[], amounts numeric[],
    limits numeric[], shrinks boolean[]
  ) RETURNS TABLE (refused text, spent numeric, held numeric) LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  DECLARE
    room numeric;
    given numeric[] := '{}';
  BEGIN
    PERFORM lock_budgets(counters);
    FOR n IN 1 .. cardinality(counters) LOOP
      spent := spent_of(counters[n], starts[n], finishes[n]);
      held := (SELECT coalesce(sum(h.amount), 0) FROM budget_hold h
        WHERE h.counter = counters[n] AND h.bucket >= starts[n] AND h.bucket < finishes[n] AND h.expires_at > at);
      room := limits[n] - spent - held;
      IF room <= 0 OR (amounts[n] > room AND NOT shrinks[n]) THEN
        refused := counters[n];
        RETURN NEXT;
        RETURN;
      END IF;
      given := given || least(amounts[n], room);
    END LOOP;
    -- What another transaction is at is left to that one.
    DELETE FROM budget_hold WHERE ctid IN
      (SELECT h.ctid FROM budget_hold h WHERE h.counter = ANY(counters) AND h.expires_at <= at FOR UPDATE SKIP LOCKED);
    DELETE FROM budget_hold h WHERE h.call = call_id;
    INSERT INTO budget_hold (counter, bucket, amount, call, expires_at)
      SELECT each.counter, each.bucket, each.amount, call_id, until
      FROM unnest(counters, buckets, given) AS each (counter, bucket, amount);
  END $$;

  -- The thresholds that the event passed first; each row of marks belongs to the counter at its index.
  CREATE FUNCTION settle_budgets(
    call_id text, event_id text, counters text[], buckets bigint[], starts bigint[], finishes bigint[],
    amounts numeric[], limits numeric[], budgets text[], scopes text[], marked integer[], marks numeric[]
  ) RETURNS TABLE (passed text, threshold double precision, total numeric)
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
  BEGIN
    PERFORM lock_budgets(counters);
    DELETE FROM budget_hold h WHERE h.call = call_id;
    INSERT INTO budget_event (id) VALUES (event_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN; END IF;
    FOR n IN 1 .. cardinality(counters) LOOP
      INSERT INTO budget_part AS p (counter, bucket, budget, scope, spent)
        VALUES (counters[n], buckets[n], budgets[n], scopes[n], amounts[n])
        ON CONFLICT ON CONSTRAINT budget_part_pkey DO UPDATE
        SET spent = p.spent + excluded.spent, scope = excluded.scope, budget = excluded.budget;
      total := spent_of(counters[n], starts[n], finishes[n]);
      RETURN QUERY WITH fresh AS (
        INSERT INTO budget_crossing AS c (counter, start, percent)
        SELECT counters[n], starts[n], m.mark FROM unnest(marked, marks) AS m (index, mark)
        WHERE m.index = n AND total * 100 >= limits[n] * m.mark
        ON CONFLICT DO NOTHING RETURNING c.percent
      ) SELECT counters[n], f.percent, total FROM fresh f ORDER BY f.percent;
    END LOOP;
  END $$;
`;
