import { diag } from '../base/diag.ts';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import type { OpenCall } from './call.ts';
import { type Admission, callHub, type CallViews } from './hub.ts';

/**
 * Asks whoever may say no. A refusal ends the asking, and the first other model named counts. Undefined, and not a
 * promise, where nobody objects at once: such a call is sent without having waited.
 */
export function admission(call: OpenCall, views: CallViews): MaybePromise<Admission | undefined> {
  let verdict: MaybePromise<Admission | undefined>;
  for (const listener of callHub().listeners) {
    const attribution = listener.admit === undefined ? undefined : views.of(listener);
    if (attribution === undefined) continue;
    const ask = (): MaybePromise<Admission | undefined> =>
      unfailing(() => listener.admit?.({ ...call, attribution }));
    if (isPromise(verdict)) verdict = verdict.then((before) => combined(before, ask));
    else verdict = combined(verdict, ask);
  }
  return verdict;
}

function combined(
  before: Admission | undefined,
  ask: () => MaybePromise<Admission | undefined>,
): MaybePromise<Admission | undefined> {
  if (before?.error !== undefined) return before;
  const pick = (next: Admission | undefined): Admission | undefined =>
    before === undefined || next?.error !== undefined ? next : before;
  const next = ask();
  return isPromise(next) ? next.then(pick) : pick(next);
}

/** A listener that fails to answer has said nothing. */
function unfailing(ask: () => MaybePromise<Admission | undefined>): MaybePromise<Admission | undefined> {
  const failed = (error: unknown): undefined => {
    diag.error('costspan: a listener failed to admit a call; the call is sent', error);
  };
  try {
    const answer = ask();
    return isPromise(answer) ? answer.then(undefined, failed) : answer;
  } catch (error) {
    return failed(error);
  }
}
