import { useEffect, useState } from 'preact/hooks';
import { Recent } from '../../../base/recent.ts';
import type { ApiError, Rest } from '../../api.ts';
import { addressOf } from './address.ts';

/** What the API says to a question: nothing yet, an answer, or why there is none. */
export interface Asked<Answer> {
  readonly answer?: Answer | undefined;
  readonly problem?: string | undefined;
}

/**
 * Asks an address of the API, and again every `everyMs` while the page is looked at. An answer that was given before
 * is shown until the next one is there; `undefined` asks nothing.
 */
export function useAnswer<Answer>(address: string | undefined, everyMs?: number): Asked<Answer> {
  return useAnswerOf<Answer>(address, everyMs, answerOf);
}

/** The same for an answer that comes in parts: what is there of it is shown meanwhile. */
export function useParts<Answer extends { readonly rest: Rest }>(
  address: string | undefined,
  join: (first: Answer, next: Answer) => Answer,
  everyMs?: number,
): Asked<Answer> {
  return useAnswerOf<Answer>(address, everyMs, (asked, signal, show) =>
    wholeOf<Answer>(asked, join, signal, show),
  );
}

function useAnswerOf<Answer>(
  address: string | undefined,
  everyMs: number | undefined,
  askFor: (
    address: string,
    signal: AbortSignal,
    show: (part: Asked<Answer>) => void,
  ) => Promise<Asked<Answer>>,
): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer> & { readonly of?: string | undefined }>({});
  useEffect(() => {
    if (address === undefined) return;
    const leave = new AbortController();
    const show = (next: Asked<Answer>): void => {
      // What was there stays on the screen when asking again fails.
      if (!leave.signal.aborted)
        setAsked({ answer: seen.get(address) as Answer | undefined, ...next, of: address });
    };
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      // A part is worth showing only where nothing whole is shown.
      const next = await askFor(address, leave.signal, (part) => {
        if (seen.get(address) === undefined) show(part);
      });
      isAsking = false;
      if (next.answer !== undefined && next.problem === undefined && !leave.signal.aborted)
        seen.set(address, next.answer);
      show(next);
    };
    void ask();
    const timer =
      everyMs === undefined
        ? undefined
        : setInterval(() => void (document.hidden ? undefined : ask()), everyMs);
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, [address, everyMs]);
  if (address === undefined) return {};
  return asked.of === address ? asked : { answer: seen.get(address) as Answer | undefined };
}

/** Answers of this visit, so that going back shows at once what was there. */
const seen = new Recent<string, unknown>(100);

/** The first part is there at once; the others are larger, and fewer. */
const [FIRST_MS, NEXT_MS] = ['200', '1000'];

async function wholeOf<Answer extends { readonly rest: Rest }>(
  address: string,
  join: (first: Answer, next: Answer) => Answer,
  signal: AbortSignal,
  show: (part: Asked<Answer>) => void,
): Promise<Asked<Answer>> {
  const [what = '', query = ''] = address.replace(/^api\//, '').split('?', 2);
  const { answer, ...problem } = await answerOf<Answer>(addressOf(what, query, { within: FIRST_MS }), signal);
  let whole = answer;
  if (whole === undefined) return problem;
  while (whole.rest !== null) {
    show({ answer: whole });
    const next = await answerOf<Answer>(addressOf(what, whole.rest, { within: NEXT_MS }), signal);
    if (next.answer === undefined) return { answer: whole, problem: next.problem };
    whole = join(whole, next.answer);
  }
  return { answer: whole };
}

/** Asks once. */
async function answerOf<Answer>(address: string, signal: AbortSignal): Promise<Asked<Answer>> {
  try {
    const response = await fetch(address, { headers: { accept: 'application/json' }, signal });
    const body: unknown = await response.json();
    if (!response.ok) return { problem: (body as ApiError).error.message };
    return { answer: body as Answer };
  } catch (error) {
    if (signal.aborted) return {};
    return {
      problem: `The dashboard's server does not answer (${error instanceof Error ? error.message : 'no reason given'}). Is it still running?`,
    };
  }
}
