import { ConfigError, CostspanError } from '../../base/errors.ts';
import { didYouMean } from '../../base/spelling.ts';
import type { Budget, BudgetState } from '../../budgets/budget.ts';
import { readStatus } from '../../budgets/budget-status.ts';
import { budgetFromDefinition, readBudgets } from '../../budgets/definition.ts';
import { bookOf } from '../../budgets/known-budgets.ts';
import type { BudgetStore } from '../../ledger/budget-store.ts';
import type { OpenedLedger } from '../../ledger/ledger.ts';

/**
 * How far budgets are used in their periods of now.
 *
 * @throws {ConfigError} for an id that none of them has.
 */
export async function budgetStates(
  ledger: OpenedLedger,
  filter: { readonly id?: string; readonly customer?: string },
  budgets?: readonly Budget[],
): Promise<readonly BudgetState[]> {
  const all = budgets ?? (await budgetsOf(ledger));
  if (filter.id !== undefined) checkId(filter.id, all);
  const store = storeOf(ledger);
  return readStatus(store, await bookOf(all, store), new Date(), filter);
}

/** The budgets kept in a ledger, behind those of a file. */
export async function budgetsOf(ledger: OpenedLedger, file?: string): Promise<readonly Budget[]> {
  return [...(file === undefined ? [] : readBudgets(file)), ...(await budgetsIn(storeOf(ledger)))];
}

/** @throws {CostspanError} for a ledger that keeps none. */
export function storeOf({ budgets }: OpenedLedger): BudgetStore {
  if (budgets !== undefined) return budgets;
  throw new CostspanError('NOT_SUPPORTED', 'This kind of ledger does not keep budgets. SQLite ledgers do.');
}

export async function budgetsIn(store: BudgetStore): Promise<readonly Budget[]> {
  const kept = await store.definitions.list();
  return kept.flatMap(({ id, definition }) => budgetFromDefinition(id, definition));
}

/** @throws {ConfigError} for an id that none of them has. */
export function checkId(id: string, budgets: readonly Budget[]): void {
  const ids = budgets.map((budget) => budget.id);
  if (ids.includes(id)) return;
  throw new ConfigError(
    `There is no budget '${id}' in this ledger.${didYouMean(id, ids)} Budgets: ${ids.join(', ') || 'none yet'}.`,
  );
}
