import type { Decimal } from '../base/decimal.ts';
import type { Budget } from './budget.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import { valueOf } from './budgeted-call.ts';

/** What is known of a customer that budgets go by. */
export interface CustomerRules {
  readonly plan?: string;
  /** In place of the limit of a budget for all, by its id. */
  readonly limits: ReadonlyMap<string, Decimal>;
  /** Of this customer alone. */
  readonly budgets: readonly Budget[];
}

/**
 * The budgets there are, found by call: of a thousand budgets for a thousand customers only those are looked at that
 * may be the call's.
 */
export class BudgetBook {
  readonly #budgets: readonly Budget[];
  readonly #customers: ReadonlyMap<string, CustomerRules>;
  /** Budgets that fix no value: any call may be theirs. */
  readonly #open: readonly Budget[];
  /** The others, by one of the values they fix. */
  readonly #fixed: ReadonlyMap<string, ReadonlyMap<string, readonly Budget[]>>;
  #mayRefuse: boolean | undefined;
  readonly #limited = new WeakMap<Budget, Map<Decimal, Budget>>();

  constructor(budgets: readonly Budget[], customers: ReadonlyMap<string, CustomerRules> = new Map()) {
    this.#budgets = budgets;
    this.#customers = customers;
    this.#open = budgets.filter((budget) => keyOf(budget) === undefined);
    const byKey = Map.groupBy(
      budgets.filter((budget) => keyOf(budget) !== undefined),
      (budget) => keyOf(budget) ?? '',
    );
    this.#fixed = new Map(
      [...byKey].map(([key, own]) => [key, Map.groupBy(own, ({ match }) => match[key] ?? '')]),
    );
  }

  /** Of everybody, and of each customer alone. */
  get all(): readonly Budget[] {
    return [...this.#budgets, ...[...this.#customers.values()].flatMap(({ budgets }) => budgets)];
  }

  /** Whether any of them may have a word to say before a call is sent. */
  get mayRefuse(): boolean {
    return (this.#mayRefuse ??= this.all.some(
      ({ mode, maxCost }) => mode !== 'observe' || maxCost !== undefined,
    ));
  }

  get isEmpty(): boolean {
    return this.#budgets.length === 0 && !this.#customers.values().some(({ budgets }) => budgets.length > 0);
  }

  /** Those that a call may be held to. */
  candidates(call: BudgetedCall): readonly Budget[] {
    const found = [...this.#open];
    for (const [key, byValue] of this.#fixed) {
      const value = valueOf(call, key);
      if (value !== undefined) found.push(...(byValue.get(value) ?? []));
    }
    if (call.customer) found.push(...(this.#customers.get(call.customer)?.budgets ?? []));
    return found;
  }

  /** The budgets that a customer, or everybody, has. */
  of(customer: string | undefined): readonly Budget[] {
    if (customer === undefined) return this.all;
    return [...this.#budgets, ...(this.#customers.get(customer)?.budgets ?? [])];
  }

  /** The budget with the limit that this customer has: of its record, else of its plan, else the budget's own. */
  limitedFor(budget: Budget, customer: string | undefined): Budget {
    const rules = customer === undefined ? undefined : this.#customers.get(customer);
    const plan = rules?.plan === undefined ? undefined : budget.plans[rules.plan];
    const limit = rules?.limits.get(budget.id) ?? plan;
    return limit === undefined || limit === budget.limit ? budget : this.#withLimit(budget, limit);
  }

  #withLimit(budget: Budget, limit: Decimal): Budget {
    const known = this.#limited.get(budget) ?? new Map<Decimal, Budget>();
    this.#limited.set(budget, known);
    let limited = known.get(limit);
    if (limited === undefined) known.set(limit, (limited = budget.withLimit(limit)));
    return limited;
  }
}

/** The value that few calls have in common comes first. */
function keyOf({ match }: Budget): string | undefined {
  return 'customer' in match ? 'customer' : Object.keys(match)[0];
}
