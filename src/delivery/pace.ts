import type { Bounds } from './bounds.ts';
import type { OutboxEntry } from './outbox.ts';
import type { Verdict } from './verdict.ts';

/** When a sink's trouble changes what is done about it. Counts are of events or attempts. */
export const POLICY: Readonly<
  Record<
    'failuresUntilFailing' | 'failuresUntilSetAside' | 'loneFailuresUntilRest' | 'refusalsUntilPause',
    number
  >
> = Object.freeze({
  /** Failures in a row after which a person is needed: the first may be chance. */
  failuresUntilFailing: 2,
  /** Failures in a row after which an event that is alone in its batch is set aside: it may be the reason. */
  failuresUntilSetAside: 4,
  /** Failures of events set aside, since the last success, after which the sink rests between them. */
  loneFailuresUntilRest: 3,
  /** Events refused in a row, and none taken: the receiver refuses everything, so no event is to blame. */
  refusalsUntilPause: 20,
});

/** How a sink has been doing, as far as it decides how it is served next. */
export interface Pace {
  readonly bounds: Pick<Bounds, 'maxAgeMs' | 'firstRetryMs' | 'lastRetryMs' | 'pauseMs'>;
  readonly mostAtOnce: number;
  /** Events offered at a time: halved while the sink fails, doubled while it takes them. */
  readonly batchSize: number;
  /** Attempts that failed in a row. */
  readonly failures: number;
  /** Events refused in a row. */
  readonly refusals: number;
  /** Failures of events set aside, since the last success. */
  readonly loneFailures: number;
  /** It refuses everything and is tried rarely. */
  readonly paused: boolean;
  /** It has taken an event, so that a refusal is about the event and not about the address. */
  readonly hasTaken: boolean;
}

/**
 * What becomes of a batch.
 * `settle`: the sink has it. `split`: each half is offered by itself. `bury`: it becomes a dead letter.
 * `doubt`: it was refused, and nothing was taken yet: a dead letter once the sink takes another event.
 * `set aside`: it waits by itself, and holds up no other. `hold`: it waits where it is, and so does all else.
 */
export type Action = 'settle' | 'split' | 'bury' | 'doubt' | 'set aside' | 'hold';

export interface Next {
  readonly pace: Pace;
  readonly action: Action;
  /** How many of the batch it is about, from its front on. */
  readonly count: number;
  /** `set aside`: how long until the events are offered again. */
  readonly delayMs: number;
  /** How long the sink is left alone; 0: the next batch may follow. */
  readonly restMs: number;
}

export function startPace(bounds: Pace['bounds'], mostAtOnce: number): Pace {
  return {
    bounds,
    mostAtOnce,
    batchSize: mostAtOnce,
    failures: 0,
    refusals: 0,
    loneFailures: 0,
    paused: false,
    hasTaken: false,
  };
}

/**
 * What to do after a batch was offered. `verdict`: what the sink said, undefined when it took the batch;
 * `now`: milliseconds since 1970; `random`: 0 ≤ number < 1.
 */
export function next(
  pace: Pace,
  verdict: Verdict | undefined,
  batch: readonly OutboxEntry[],
  now: number,
  random: () => number,
): Next {
  const isOne = batch.length === 1;
  if (verdict === undefined || (verdict.kind === 'duplicate' && isOne)) return taken(pace, batch);
  if (verdict.kind === 'repeat') return failed(pace, verdict, batch, now, random);
  if (verdict.kind === 'pause') return everythingRefused(pace);
  // Said once without a doubt; after the pause each event is looked at, for it may have been about the first alone.
  if (verdict.kind === 'astray' && !pace.hasTaken && !pace.paused) return everythingRefused(pace);
  return isOne ? refused(pace) : { pace, action: 'split', count: batch.length, delayMs: 0, restMs: 0 };
}

/** The sink refuses everything: its address or key is wrong, and nothing is thrown away for it. */
export function everythingRefused(pace: Pace): Next {
  return {
    pace: { ...pace, failures: pace.failures + 1, refusals: 0, paused: true },
    action: 'hold',
    count: 0,
    delayMs: 0,
    restMs: pace.bounds.pauseMs,
  };
}

export function isFailing({ paused, failures }: Pace): boolean {
  return paused || failures >= POLICY.failuresUntilFailing;
}

/** Exponential with full jitter above a floor of half the first step: 0.5–1 s, 0.5–2 s, 0.5–4 s … */
export function backoff({ bounds }: Pace, attempt: number, random: () => number): number {
  const floor = bounds.firstRetryMs / 2;
  const ceiling = Math.min(bounds.firstRetryMs * 2 ** Math.min(attempt, 30), bounds.lastRetryMs);
  return floor + random() * Math.max(0, ceiling - floor);
}

function taken(pace: Pace, batch: readonly OutboxEntry[]): Next {
  const batchSize = Math.min(pace.batchSize * 2, pace.mostAtOnce);
  return {
    pace: { ...startPace(pace.bounds, pace.mostAtOnce), batchSize, hasTaken: true },
    action: 'settle',
    count: batch.length,
    delayMs: 0,
    restMs: 0,
  };
}

function refused(pace: Pace): Next {
  const refusals = pace.refusals + 1;
  // What follows is held until the receiver has proved again that it takes anything.
  if (refusals > POLICY.refusalsUntilPause) return everythingRefused({ ...pace, hasTaken: false });
  const action = pace.hasTaken ? 'bury' : 'doubt';
  return { pace: { ...pace, refusals }, action, count: 1, delayMs: 0, restMs: 0 };
}

function failed(
  pace: Pace,
  { retryAfterMs }: Verdict,
  batch: readonly OutboxEntry[],
  now: number,
  random: () => number,
): Next {
  const fresh = batch.findIndex(({ keptAt }) => keptAt.getTime() > now - pace.bounds.maxAgeMs);
  const expired = fresh === -1 ? batch.length : fresh;
  if (expired > 0) return { pace, action: 'bury', count: expired, delayMs: 0, restMs: 0 };

  const [entry] = batch;
  const isAlone = batch.length === 1 && retryAfterMs === undefined;
  if (isAlone && entry !== undefined && entry.parked && entry.attempts > 0) {
    const loneFailures = pace.loneFailures + 1;
    return {
      pace: { ...pace, loneFailures },
      action: 'set aside',
      count: 1,
      delayMs: backoff(pace, entry.attempts, random),
      restMs: loneFailures > POLICY.loneFailuresUntilRest ? pace.bounds.firstRetryMs : 0,
    };
  }

  const failures = pace.failures + 1;
  const restMs = retryAfterMs ?? backoff(pace, pace.failures, random);
  const batchSize = failures > 1 ? Math.max(1, Math.ceil(pace.batchSize / 2)) : pace.batchSize;
  const action = isAlone && failures >= POLICY.failuresUntilSetAside ? 'set aside' : 'hold';
  const count = action === 'hold' ? 0 : 1;
  return { pace: { ...pace, failures, batchSize }, action, count, delayMs: restMs, restMs };
}
