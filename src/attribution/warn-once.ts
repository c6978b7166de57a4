import { diag } from './diag.ts';

/** Says something through `diag`, the first time only: what goes wrong in one request goes wrong in a million. */
export function warnOnce(message: string, error?: unknown): void {
  if (said.has(message) || said.size >= MAX_MESSAGES) return;
  said.add(message);
  diag.warn(`costspan: ${message}`, ...(error === undefined ? [] : [error]));
}

/** For tests. */
export function forgetWarnings(): void {
  said.clear();
}

const said = new Set<string>();
const MAX_MESSAGES = 1000;
