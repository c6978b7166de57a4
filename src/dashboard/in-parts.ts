import { HOUR } from '../ledger/time-buckets.ts';
import type { CostLedger, EventFilter, EventQuery } from '../ledger/ledger.ts';
import type { Window } from '../reports/period.ts';
import { linkOf } from './link.ts';
import { countOf, type Question } from './question.ts';
import { whileAsked } from './while-asked.ts';

/** What an answer takes that may be asked for in parts: for how long, and how much at first. */
export const IN_PARTS = ['within', 'step'] as const;
const [WITHIN, STEP] = IN_PARTS;

const MOST_MS = 60_000;
/** A part of so much of the whole takes next to no time; from how long it took, the next one is measured. */
const FIRST = 1 / 4_096;
const GROWTH = 8;

/**
 * Does `work` for a period, in parts where `within=250` asks for what can be had in about so many milliseconds. The
 * parts follow the order; `work` says whether it has found enough. What is quick in any case is one part.
 *
 * Returns the question about what is left, as a query string; `null` when there is nothing more to ask.
 */
export async function inParts(
  question: Question,
  period: Partial<Window>,
  { order = 'desc', isQuick = false }: { readonly order?: 'asc' | 'desc'; readonly isQuick?: boolean },
  work: (part: Partial<Window>) => Promise<boolean | void>,
): Promise<string | null> {
  const { own, now } = question;
  const within = countOf(WITHIN, own.within, Infinity, MOST_MS);
  if (own.within === undefined || isQuick) {
    await work(period);
    return null;
  }
  const began = now().getTime();
  let left = await closed(question, period);
  if (left === undefined) return null;
  let size = countOf(
    STEP,
    own.step,
    (left.end.getTime() - left.start.getTime()) * FIRST,
    Number.MAX_SAFE_INTEGER,
  );
  while (left.start < left.end) {
    const part: Window = order === 'asc' ? firstOf(left, size) : lastOf(left, size);
    const before = now().getTime();
    const isEnough = await work(part);
    if (isEnough === true) return null;
    left = order === 'asc' ? { ...left, start: part.end } : { ...left, end: part.start };
    const after = now().getTime();
    const took = Math.max(1, after - before);
    const remaining = within - (after - began);
    // What is learnt of the speed goes along: each question would begin with next to nothing otherwise.
    if (remaining < took / GROWTH && left.start < left.end)
      return `${linkOf({ ...question.filter, ...left })}&within=${within}&step=${stepOf(size, within / took)}`;
    size = stepOf(size, remaining / took);
  }
  return null;
}

/** So much longer or shorter, but never at a leap: one part may have been slow by chance. */
function stepOf(size: number, factor: number): number {
  return Math.max(1, Math.ceil(size * Math.min(GROWTH, Math.max(1 / GROWTH, factor))));
}

/**
 * The events of a period for who reads them all, the newest first, until the time that `within` gives is over; `rest`
 * then says what is left. Events of one moment stay together.
 */
export function eventsInParts(question: Question): {
  readonly ledger: Pick<CostLedger, 'events'>;
  rest(): string | null;
} {
  const { own, now, signal } = question;
  const ledger = whileAsked(question.ledger, signal);
  if (own.within === undefined) return { ledger, rest: () => null };
  const within = countOf(WITHIN, own.within, Infinity, MOST_MS);
  const began = now().getTime();
  let end: Date | undefined;
  return {
    ledger: {
      async *events(query = {}) {
        let last: Date | undefined;
        for await (const event of ledger.events({ ...query, order: 'desc' })) {
          const isLater = last !== undefined && event.timestamp < last;
          if (isLater && now().getTime() - began >= within) {
            end = last;
            return;
          }
          yield event;
          last = event.timestamp;
        }
      },
    },
    rest: () => (end === undefined ? null : `${linkOf({ ...question.inPeriod, end })}&within=${within}`),
  };
}

/** Whether it is found by reading events one by one: neither the sums nor the index beside them know it. */
export function isReadFromEvents({
  responseId,
  traceId,
  minCost,
  maxCost,
  context,
  is = {},
}: EventFilter): boolean {
  const given = [responseId, traceId, minCost, maxCost, context];
  const names = Object.keys(is);
  return (
    given.some((value) => value !== undefined) ||
    names.some((name) => name === 'cost_reason' || name.startsWith('context.'))
  );
}

/** An open end is where the events end. */
async function closed({ ledger }: Question, { start, end }: Partial<Window>): Promise<Window | undefined> {
  const timeOf = async (order: EventQuery['order']): Promise<number | undefined> => {
    for await (const { timestamp } of ledger.events({ order: order ?? 'asc', limit: 1 }))
      return timestamp.getTime();
    return undefined;
  };
  const first = start?.getTime() ?? (await timeOf('asc'));
  const last = end?.getTime() ?? (await timeOf('desc'));
  if (first === undefined || last === undefined) return undefined;
  return { start: new Date(first), end: end ?? new Date(last + 1) };
}

/** Of what is longer than an hour the inner end is a full one: the sums know whole hours. */
function lastOf({ start, end }: Window, size: number): Window {
  const inner = end.getTime() - Math.max(1, Math.floor(size));
  const full = size < HOUR ? inner : Math.floor(inner / HOUR) * HOUR;
  return { start: new Date(Math.max(start.getTime(), full)), end };
}

function firstOf({ start, end }: Window, size: number): Window {
  const inner = start.getTime() + Math.max(1, Math.floor(size));
  const full = size < HOUR ? inner : Math.ceil(inner / HOUR) * HOUR;
  return { start, end: new Date(Math.min(end.getTime(), full)) };
}
