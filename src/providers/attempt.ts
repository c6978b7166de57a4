import { diag } from '../attribution/diag.ts';

/**
 * Does a part of observing a call that the rest can do without: a failure is told to `diag` and costs this part
 * alone, never the call and never the other parts.
 */
export function attempt<T>(what: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    diag.error(`costspan: could not ${what}; the call itself is unharmed`, error);
    return undefined;
  }
}
