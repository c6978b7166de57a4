import type { ContextValue } from '../attribution/attribution.ts';

/** What of a call decides which budgets it is held to. */
export interface BudgetedCall {
  readonly id: string;
  readonly startTime: Date;
  readonly customer?: string | null;
  readonly context: Readonly<Record<string, ContextValue>>;
  readonly provider: string;
  readonly operation: string;
  readonly model?: string;
}

/** What a call has under a key that budgets go by; undefined where it has nothing. */
export function valueOf(call: BudgetedCall, key: string): string | undefined {
  if (key === 'customer') return call.customer ?? undefined;
  if (key === 'provider' || key === 'operation' || key === 'model') return call[key];
  const value = call.context[key];
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
