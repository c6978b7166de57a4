import { ConfigError, describe, messageOf } from '../base/errors.ts';
import { known, object } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import { parsePriceFile } from '../metering/read-price-file.ts';
import { readFileSync } from 'node:fs';
import { Budget, type BudgetOptions } from './budget.ts';

/**
 * Budgets from a file, `costspan.budgets.yaml` or JSON: `budgets:`, a list of the options of `Budget` in snake_case.
 *
 * @throws {ConfigError} for a file that cannot be read, or that says something nobody reads.
 * @example
 * new CostSpanProcessor({ sinks: [ledger], budgets: readBudgets('costspan.budgets.yaml') });
 */
export function readBudgets(path: string): readonly Budget[] {
  const file: unknown = parsePriceFile(path, readText(path));
  const budgets = object(file)?.budgets;
  if (!Array.isArray(budgets))
    throw new ConfigError(`${path}: expected 'budgets' to be a list, got ${describe(budgets)}.`);
  return budgets.map((each: unknown, index) => budgetFromJson(`${path}: budgets[${index}]`, each));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ConfigError(`Cannot read the budgets in ${path}: ${reason}`, { cause });
  }
}

/**
 * A budget from its JSON form: the options in snake_case.
 *
 * @throws {ConfigError}
 */
export function budgetFromJson(where: string, json: unknown): Budget {
  const fields = object(json);
  if (fields === undefined) throw new ConfigError(`${where}: expected a budget, got ${describe(json)}.`);
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) options[CAMEL[key] ?? key] = value;
  // The constructor checks every field: what a file says is told apart from code nowhere else.
  return new Budget(options as unknown as BudgetOptions);
}

/** The JSON form of a budget; what has its default is left out. */
export function budgetToJson(budget: Budget): Readonly<Record<string, unknown>> {
  return known({
    id: budget.id,
    match: Object.keys(budget.match).length === 0 ? undefined : budget.match,
    each: budget.each.length === 0 ? undefined : budget.each,
    limit: budget.limit,
    plans: Object.keys(budget.plans).length === 0 ? undefined : budget.plans,
    measure: budget.measure === 'cost' ? undefined : budget.measure,
    currency: budget.currency === 'USD' ? undefined : budget.currency,
    period: budget.period,
    time_zone: budget.timeZone === 'UTC' ? undefined : budget.timeZone,
    anchor_day: budget.anchorDay === 1 ? undefined : budget.anchorDay,
    action: budget.action,
    mode: budget.mode,
    thresholds: budget.thresholds,
    on_store_error: budget.onStoreError === 'allow' ? undefined : budget.onStoreError,
    unpriced: budget.unpriced === 'allow' ? undefined : budget.unpriced,
    max_cost: budget.maxCost,
  });
}

/** A budget as the ledger keeps it; one that this version cannot read is left out, and said. */
export function budgetFromDefinition(id: string, definition: string): readonly Budget[] {
  try {
    return [budgetFromJson(`budget '${id}' of the ledger`, JSON.parse(definition))];
  } catch (error) {
    warnOnce(`budget '${id}' of the ledger cannot be used: ${messageOf(error)}`);
    return [];
  }
}

const CAMEL: Readonly<Record<string, keyof BudgetOptions>> = {
  time_zone: 'timeZone',
  anchor_day: 'anchorDay',
  on_store_error: 'onStoreError',
  max_cost: 'maxCost',
};
