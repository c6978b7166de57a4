import { diag } from './diag.ts';

/**
 * Runs one part of observing a call. If it fails, `diag` says so and this part alone is lost: neither the call nor the
 * other parts.
 */
export function attempt<T>(what: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    diag.error(`costspan: could not ${what}; the call itself is unharmed`, error);
    return undefined;
  }
}
