import type { CallMemory } from '../calls/hub.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import type { BudgetStore } from '../ledger/budget-store.ts';
import type { CostLedger } from '../ledger/ledger.ts';

/** What a ledger among the sinks does besides keeping events: of each, the first ledger that can. */
export interface LedgerParts {
  /** Takes the place of the process's own memory, so that other processes know, too. */
  readonly memory?: CallMemory;
  /** Budgets count there, so that every process on it sees the same figures. */
  readonly budgets?: BudgetStore;
}

export function ledgerPartsOf(sinks: readonly CostEventSink[]): LedgerParts {
  const ledgers = sinks as readonly Partial<CostLedger>[];
  const memory = ledgers.find((each) => each.memory !== undefined)?.memory;
  const budgets = ledgers.find((each) => each.budgets !== undefined)?.budgets;
  return { ...(memory && { memory }), ...(budgets && { budgets }) };
}
