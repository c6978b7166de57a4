import { describe, expect, test } from 'vitest';
import { DEFAULT_BOUNDS } from '../../src/delivery/bounds.ts';
import type { OutboxEntry } from '../../src/delivery/outbox.ts';
import {
  type Action,
  backoff,
  isFailing,
  next,
  type Pace,
  POLICY,
  startPace,
} from '../../src/delivery/pace.ts';
import type { Verdict } from '../../src/delivery/verdict.ts';
import { costEvent } from '../ledger/events.ts';

const NOW = Date.UTC(2026, 10, 20);
const START = startPace(DEFAULT_BOUNDS, 100);
/** A receiver that has proved that it takes events. */
const PROVED: Pace = { ...START, hasTaken: true };
/** The longest back-off there is at each step. */
const LATEST = (): number => 1;
const event = costEvent();

function entry(fields: Partial<OutboxEntry> = {}): OutboxEntry {
  return { position: 1, event, keptAt: new Date(NOW), attempts: 0, parked: false, ...fields };
}

function entries(count: number, fields: Partial<OutboxEntry> = {}): OutboxEntry[] {
  return Array.from({ length: count }, () => entry(fields));
}

function verdict(kind: Verdict['kind'], retryAfterMs?: number): Verdict {
  return { kind, failure: { message: kind }, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

interface Row {
  readonly pace: Pace;
  readonly verdict: Verdict | undefined;
  readonly batch: readonly OutboxEntry[];
  readonly action: Action;
  readonly count: number;
  readonly delayMs?: number;
  readonly restMs?: number;
  readonly after?: Partial<Pace>;
}

const OLD = new Date(NOW - DEFAULT_BOUNDS.maxAgeMs);
const ASIDE = { parked: true, attempts: 1 };

const ROWS: Record<string, Row> = {
  'a batch that was taken is settled': {
    pace: START,
    verdict: undefined,
    batch: entries(100),
    action: 'settle',
    count: 100,
    after: { hasTaken: true },
  },
  'success ends every trouble and doubles the batch': {
    pace: { ...START, failures: 5, refusals: 3, loneFailures: 2, paused: true, batchSize: 25 },
    verdict: undefined,
    batch: entries(25),
    action: 'settle',
    count: 25,
    after: { failures: 0, refusals: 0, loneFailures: 0, paused: false, batchSize: 50 },
  },
  'a duplicate alone is there already': {
    pace: START,
    verdict: verdict('duplicate'),
    batch: entries(1),
    action: 'settle',
    count: 1,
  },
  'a batch with duplicates in it is halved': {
    pace: START,
    verdict: verdict('duplicate'),
    batch: entries(2),
    action: 'split',
    count: 2,
  },
  'a refused batch is halved, whether or not the sink took anything before': {
    pace: START,
    verdict: verdict('refused'),
    batch: entries(100),
    action: 'split',
    count: 100,
  },
  'a refused event is doubted while nothing was taken': {
    pace: START,
    verdict: verdict('refused'),
    batch: entries(1),
    action: 'doubt',
    count: 1,
    after: { refusals: 1 },
  },
  'a refused event is buried where others were taken': {
    pace: PROVED,
    verdict: verdict('refused'),
    batch: entries(1),
    action: 'bury',
    count: 1,
    after: { refusals: 1 },
  },
  'the twentieth refusal in a row is still about the event': {
    pace: { ...PROVED, refusals: 19 },
    verdict: verdict('refused'),
    batch: entries(1),
    action: 'bury',
    count: 1,
  },
  'the twenty-first is about the sink, which must prove itself again': {
    pace: { ...PROVED, refusals: 20 },
    verdict: verdict('refused'),
    batch: entries(1),
    action: 'hold',
    count: 0,
    restMs: 300_000,
    after: { paused: true, hasTaken: false, refusals: 0 },
  },
  'a wrong key pauses at once': {
    pace: PROVED,
    verdict: verdict('pause'),
    batch: entries(100),
    action: 'hold',
    count: 0,
    restMs: 300_000,
    after: { paused: true, failures: 1 },
  },
  'an address that is wrong from the start pauses at once': {
    pace: START,
    verdict: verdict('astray'),
    batch: entries(100),
    action: 'hold',
    count: 0,
    restMs: 300_000,
    after: { paused: true },
  },
  'after the pause each half is looked at': {
    pace: { ...START, paused: true },
    verdict: verdict('astray'),
    batch: entries(2),
    action: 'split',
    count: 2,
  },
  'where others were taken, "not found" is about the event': {
    pace: PROVED,
    verdict: verdict('astray'),
    batch: entries(1),
    action: 'bury',
    count: 1,
  },
  // The first step: between 0.5 s and 1 s.
  'the first failure holds for about a second, with the batch whole': {
    pace: START,
    verdict: verdict('repeat'),
    batch: entries(100),
    action: 'hold',
    count: 0,
    restMs: 1000,
    after: { failures: 1, batchSize: 100 },
  },
  // 1 s × 2 for the second step.
  'the second failure doubles the wait and halves the batch': {
    pace: { ...START, failures: 1 },
    verdict: verdict('repeat'),
    batch: entries(100),
    action: 'hold',
    count: 0,
    restMs: 2000,
    after: { failures: 2, batchSize: 50 },
  },
  'no wait is longer than the last step': {
    pace: { ...START, failures: 40 },
    verdict: verdict('repeat'),
    batch: entries(2),
    action: 'hold',
    count: 0,
    restMs: 300_000,
  },
  'a receiver is left alone for as long as it asks': {
    pace: { ...START, failures: 9 },
    verdict: verdict('repeat', 7000),
    batch: entries(1),
    action: 'hold',
    count: 0,
    restMs: 7000,
  },
  'an event alone holds the others until its third failure': {
    pace: { ...START, failures: 2 },
    verdict: verdict('repeat'),
    batch: entries(1),
    action: 'hold',
    count: 0,
  },
  // 1 s × 2³.
  'an event alone is set aside at the fourth failure in a row': {
    pace: { ...START, failures: 3 },
    verdict: verdict('repeat'),
    batch: entries(1),
    action: 'set aside',
    count: 1,
    delayMs: 8000,
    restMs: 8000,
  },
  'an event that waits by itself holds up no other': {
    pace: { ...START, loneFailures: 2 },
    verdict: verdict('repeat'),
    batch: entries(1, ASIDE),
    action: 'set aside',
    count: 1,
    delayMs: 2000,
    restMs: 0,
    after: { loneFailures: 3, failures: 0 },
  },
  'after the third such failure there is a breath between them': {
    pace: { ...START, loneFailures: 3 },
    verdict: verdict('repeat'),
    batch: entries(1, ASIDE),
    action: 'set aside',
    count: 1,
    delayMs: 2000,
    restMs: 1000,
  },
  'what is as old as the limit is buried, from the front': {
    pace: START,
    verdict: verdict('repeat'),
    batch: [...entries(3, { keptAt: OLD }), entry()],
    action: 'bury',
    count: 3,
    after: { failures: 0 },
  },
  'what is a millisecond younger than the limit is not': {
    pace: START,
    verdict: verdict('repeat'),
    batch: entries(3, { keptAt: new Date(OLD.getTime() + 1) }),
    action: 'hold',
    count: 0,
  },
};

describe('the pace of a sink', () => {
  test.each(Object.entries(ROWS))('%s', (_, row) => {
    const { pace, ...step } = next(row.pace, row.verdict, row.batch, NOW, LATEST);
    expect(step).toMatchObject({
      action: row.action,
      count: row.count,
      ...(row.delayMs === undefined ? {} : { delayMs: row.delayMs }),
      ...(row.restMs === undefined ? {} : { restMs: row.restMs }),
    });
    expect(pace).toMatchObject(row.after ?? {});
  });

  test('a batch never grows beyond what the sink takes and never shrinks below one', () => {
    expect(next({ ...START, batchSize: 80 }, undefined, entries(80), NOW, LATEST).pace.batchSize).toBe(100);
    const least = { ...START, batchSize: 1, failures: 5 };
    expect(next(least, verdict('repeat'), entries(1), NOW, LATEST).pace.batchSize).toBe(1);
  });

  test.each([
    [0, 0, 500],
    [0, 0.999_999, 1000],
    [3, 0, 500],
    [3, 0.999_999, 8000],
    [30, 0.999_999, 300_000],
  ])('step %i with chance %d waits about %i ms', (attempt, chance, ms) => {
    expect(Math.round(backoff(START, attempt, () => chance))).toBe(ms);
  });

  test('a person is needed from the second failure on, and while the sink is paused', () => {
    expect(isFailing({ ...START, failures: POLICY.failuresUntilFailing - 1 })).toBe(false);
    expect(isFailing({ ...START, failures: POLICY.failuresUntilFailing })).toBe(true);
    expect(isFailing({ ...START, paused: true })).toBe(true);
  });
});
