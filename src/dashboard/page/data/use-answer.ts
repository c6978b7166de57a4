import { useEffect, useState } from 'preact/hooks';
import { Recent } from '../../../base/recent.ts';
import type { ApiError } from '../../api.ts';

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
  const [asked, setAsked] = useState<Asked<Answer> & { readonly of?: string | undefined }>({});
  useEffect(() => {
    if (address === undefined) return;
    const leave = new AbortController();
    const ask = async (): Promise<void> => {
      const next = await answerOf<Answer>(address, leave.signal);
      // What was there stays on the screen when asking again fails.
      if (!leave.signal.aborted)
        setAsked({ answer: seen.get(address) as Answer | undefined, ...next, of: address });
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

/** Asks once. */
export async function answerOf<Answer>(address: string, signal?: AbortSignal): Promise<Asked<Answer>> {
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    });
    const body: unknown = await response.json();
    if (!response.ok) return { problem: (body as ApiError).error.message };
    seen.set(address, body);
    return { answer: body as Answer };
  } catch (error) {
    if (signal?.aborted === true) return {};
    return {
      problem: `The dashboard's server does not answer (${error instanceof Error ? error.message : 'no reason given'}). Is it still running?`,
    };
  }
}
