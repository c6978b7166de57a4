import type { MaybePromise } from '../ledger/outbox.ts';

export function isPromise<T>(value: MaybePromise<T> | undefined): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Goes on at once where there is nothing to wait for, so that a synchronous sink is served in the same tick. */
export function chain<T, R>(value: MaybePromise<T>, then: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(then) : then(value);
}
