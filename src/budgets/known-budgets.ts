import { statSync } from 'node:fs';
import { isPromise, type MaybePromise } from '../base/promises.ts';
import { warnOnce } from '../base/warn-once.ts';
import type { BudgetStore } from '../ledger/budget-store.ts';
import type { Budget } from './budget.ts';
import { BudgetBook } from './budget-book.ts';
import { KnownCustomers } from './customer-rules.ts';
import { budgetFromDefinition, readBudgets } from './definition.ts';

/**
 * Which budgets there are: those given in code or in a file, those kept in the ledger, and those of its customers. File
 * and ledger are read again every few seconds, so that a running process follows them.
 */
export class KnownBudgets {
  readonly #path: string | undefined;
  readonly #store: BudgetStore | undefined;
  readonly #customers: KnownCustomers | undefined;
  readonly #refresh: NodeJS.Timeout | undefined;
  #given: readonly Budget[];
  #fileTime = 0;
  #kept: readonly Budget[] = [];
  #definitions = '';
  #book: BudgetBook;
  /** Until the ledger was read for the first time. */
  #reading: Promise<void> | undefined;

  /** @throws {ConfigError} for a file that cannot be read. */
  constructor(given: readonly Budget[] | string, store: BudgetStore | undefined) {
    this.#path = typeof given === 'string' ? given : undefined;
    this.#fileTime = this.#path === undefined ? 0 : timeOf(this.#path);
    this.#given = typeof given === 'string' ? readBudgets(given) : given;
    this.#store = store;
    this.#customers = store && new KnownCustomers(store);
    this.#book = new BudgetBook(this.#given);
    if (store === undefined && this.#path === undefined) return;
    const first = this.#read();
    if (isPromise(first)) this.#reading = first.finally(() => (this.#reading = undefined));
    this.#refresh = setInterval(() => void this.#read(), REFRESH_MS).unref();
  }

  get book(): BudgetBook {
    return this.#book;
  }

  /** A ledger that answers later is waited for, but not for long: the first calls may be of its budgets. */
  get ready(): Promise<void> | undefined {
    if (this.#reading === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_WAIT_MS).unref();
    });
    return Promise.race([this.#reading, late]).finally(() => clearTimeout(timer));
  }

  stop(): void {
    clearInterval(this.#refresh);
  }

  /** Never throws: the ledger says itself that it cannot be used, and what is known goes on. */
  #read(): MaybePromise<void> {
    const isFileNew = this.#readFile();
    const take = (isKeptNew: boolean): void => {
      if (isFileNew || isKeptNew) this.#book = new BudgetBook(this.#general(), this.#customers?.rules);
    };
    try {
      const kept = this.#readLedger(isFileNew);
      return isPromise(kept) ? kept.then(take, () => take(false)) : take(kept);
    } catch {
      return take(false);
    }
  }

  /** One in code wins over one of the same id in the ledger. */
  #general(): readonly Budget[] {
    const given = new Set(this.#given.map(({ id }) => id));
    return [...this.#given, ...this.#kept.filter(({ id }) => !given.has(id))];
  }

  #readFile(): boolean {
    const path = this.#path;
    if (path === undefined) return false;
    const time = timeOf(path);
    if (time === this.#fileTime) return false;
    this.#fileTime = time;
    try {
      this.#given = readBudgets(path);
      return true;
    } catch (error) {
      warnOnce(`${String(error)} The budgets of before go on.`);
      return false;
    }
  }

  #readLedger(isFileNew: boolean): MaybePromise<boolean> {
    const found = this.#store?.definitions.list() ?? [];
    const take = (definitions: Awaited<typeof found>): MaybePromise<boolean> => {
      const text = JSON.stringify(definitions);
      const isNew = text !== this.#definitions;
      if (isNew)
        this.#kept = definitions.flatMap(({ id, definition }) => budgetFromDefinition(id, definition));
      this.#definitions = text;
      if (isNew || isFileNew) this.#customers?.forget();
      const changed = this.#customers?.refresh(this.#general()) ?? false;
      return isPromise(changed) ? changed.then((customers) => isNew || customers) : isNew || changed;
    };
    return isPromise(found) ? found.then(take) : take(found);
  }
}

/** Budgets with the limits that the customers of a store have. */
export async function bookOf(budgets: readonly Budget[], store: BudgetStore): Promise<BudgetBook> {
  const customers = new KnownCustomers(store);
  await customers.refresh(budgets);
  return new BudgetBook(budgets, customers.rules);
}

/** Changes are picked up within this time, in milliseconds. */
const REFRESH_MS = 2_000;
const LONGEST_WAIT_MS = 1_000;

/** 0 where there is no such file. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
