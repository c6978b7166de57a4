import { messageOf } from '../base/errors.ts';
import { decimalOf, parseDecimal } from '../base/decimal.ts';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import { jsonValue, known, list, object, text } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { BudgetStore, StoredCustomer } from '../ledger/budget-store.ts';
import type { Budget } from './budget.ts';
import type { CustomerRules } from './budget-book.ts';
import { budgetFromJson } from './definition.ts';

/**
 * Plans and budgets of the customers that the ledger knows. Read again and again, but only what changed since: the
 * records of a hundred thousand customers are read once.
 */
export class KnownCustomers {
  readonly #store: BudgetStore;
  readonly #stored = new Map<string, StoredCustomer>();
  #rules: Map<string, CustomerRules> = new Map();
  #readUntil = 0;

  constructor(store: BudgetStore) {
    this.#store = store;
  }

  get rules(): ReadonlyMap<string, CustomerRules> {
    return this.#rules;
  }

  /** Everything is read anew: other budgets for all make other rules of the same records. */
  forget(): void {
    this.#stored.clear();
    this.#rules = new Map();
    this.#readUntil = 0;
  }

  /** Whether anything changed. `general`: the budgets for all, whose limits a record may change. */
  refresh(general: readonly Budget[]): MaybePromise<boolean> {
    const since = Math.max(0, this.#readUntil - OVERLAP_MS);
    const read = this.#store.customers(since);
    const take = ({ total, changed }: Awaited<typeof read>): MaybePromise<boolean> => {
      const isNew = this.#take(changed, general);
      if (this.#stored.size <= total) return isNew;
      // Some were removed, which nothing else says.
      this.forget();
      const all = this.#store.customers(0);
      const fill = (found: Awaited<typeof read>): boolean => {
        this.#take(found.changed, general);
        return true;
      };
      return isPromise(all) ? all.then(fill) : fill(all);
    };
    return isPromise(read) ? read.then(take) : take(read);
  }

  #take(changed: readonly StoredCustomer[], general: readonly Budget[]): boolean {
    let isNew = false;
    for (const customer of changed) {
      const before = this.#stored.get(customer.key);
      this.#readUntil = Math.max(this.#readUntil, customer.updatedAt);
      if (before?.plan === customer.plan && before?.budgets === customer.budgets && before) continue;
      this.#stored.set(customer.key, customer);
      this.#rules.set(customer.key, rulesOf(customer, general));
      isNew = true;
    }
    return isNew;
  }
}

/** Clocks of several hosts, and transactions that took a while. */
const OVERLAP_MS = 60_000;

/** An entry with the id of a budget for all says that budget's limit for this customer; any other is a budget of its own. */
function rulesOf({ key, plan, budgets }: StoredCustomer, general: readonly Budget[]): CustomerRules {
  const limits = new Map<string, string>();
  const own: Budget[] = [];
  const ids = new Set(general.map(({ id }) => id));
  for (const [index, each] of list(budgets === undefined ? [] : jsonValue(budgets)).entries()) {
    const fields = object(each) ?? {};
    const id = text(fields.id) ?? `${key}-${index + 1}`;
    const where = `budget '${id}' of the customer '${key}'`;
    try {
      if (!ids.has(id)) {
        own.push(budgetFromJson(where, { ...fields, id, match: { ...object(fields.match), customer: key } }));
        continue;
      }
      const limit = String(fields.limit);
      if (parseDecimal(limit) === undefined) warnOnce(`${where} has no limit that can be read.`);
      else limits.set(id, decimalOf(limit));
    } catch (error) {
      warnOnce(`${where} cannot be used: ${messageOf(error)}`);
    }
  }
  return { limits, budgets: own, ...known({ plan }) };
}
