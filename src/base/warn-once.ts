import { diag } from './diag.ts';
import { shared } from './process.ts';

/** Says something through `diag`, the first time only: what goes wrong in one request goes wrong in a million. */
export function warnOnce(message: string, error?: unknown): void {
  const warned = said();
  if (warned.has(message) || warned.size >= MAX_MESSAGES) return;
  warned.add(message);
  diag.warn(`costspan: ${message}`, ...(error === undefined ? [] : [error]));
}

/** For tests. */
export function forgetWarnings(): void {
  said().clear();
}

function said(): Set<string> {
  return shared('warnings', () => new Set());
}

const MAX_MESSAGES = 1000;
