import { ConfigError, describe } from '../base/errors.ts';
import { flag, type KindsOf, listOf, optionsOf, record, required, text } from '../base/options.ts';
import type { JsonObject } from '../base/read.ts';

/** A customer as the application registered it. */
export interface Customer {
  /** What events are attributed to. */
  readonly key: string;
  readonly name?: string;
  readonly metadata?: JsonObject;
  readonly plan?: string;
  /** The rate card that says what this customer pays. */
  readonly rateCard?: string;
  /** The customer's own budgets, in the form of `new Budget(…)`'s options. */
  readonly budgets?: readonly JsonObject[];
}

/** A customer in a list: registered, or only seen in events. */
export interface ListedCustomer extends Customer {
  readonly registered: boolean;
  /** The key this one was merged into. */
  readonly mergedInto?: string;
}

export interface CustomerFilter {
  /** `false`: keys that are seen in events and were never registered. */
  readonly registered?: boolean;
  readonly plan?: string;
  /** Part of the key or the name, in any case. */
  readonly search?: string;
}

/** Who the customers are. Removing one keeps its events: they are facts. */
export interface CustomerRegistry {
  /** Registers a customer, or replaces what is known of it. */
  put(customer: Customer): Promise<void>;
  get(key: string): Promise<Customer | undefined>;
  /** By key; with those that were only seen in events. */
  list(filter?: CustomerFilter): Promise<readonly ListedCustomer[]>;
  /** `false` when there was none of that key. */
  remove(key: string): Promise<boolean>;
  /** From now on reports count the events of `from` as those of `into`. The events stay as they are. */
  merge(from: string, into: string): Promise<void>;
}

const FIELDS: KindsOf<Customer> = {
  key: required(text),
  name: text,
  metadata: record,
  plan: text,
  rateCard: text,
  budgets: listOf(record),
};

/** @throws {ConfigError} for what is no customer. */
export function checkCustomer(customer: Customer): Customer {
  return optionsOf('customers.put', customer, FIELDS);
}

/** @throws {ConfigError} for what is no customer's key. */
export function checkKey(where: string, name: string, key: unknown): void {
  if (typeof key === 'string' && key !== '') return;
  throw new ConfigError(
    `${where}: expected '${name}' to be a customer's key, got ${describe(key)}. Example: 'acme_corp'.`,
  );
}

/** @throws {ConfigError} for a filter that nobody reads. */
export function checkCustomerFilter(filter: CustomerFilter): CustomerFilter {
  return optionsOf('customers.list', filter, { registered: flag, plan: text, search: text });
}

/** @throws {ConfigError} for a merge of a key with itself, or that would end in a circle. */
export function checkMerge(
  from: string,
  into: string,
  mergedInto: (key: string) => string | undefined,
): void {
  checkKey('customers.merge', 'from', from);
  checkKey('customers.merge', 'into', into);
  const target = mergedInto(into) ?? into;
  if (from === target)
    throw new ConfigError(`customers.merge: '${from}' cannot be merged into itself ('${into}').`);
}

/** Whether a filter lets a customer through. */
export function passes(customer: ListedCustomer, { registered, plan, search }: CustomerFilter): boolean {
  if (registered !== undefined && customer.registered !== registered) return false;
  if (plan !== undefined && customer.plan !== plan) return false;
  if (search === undefined) return true;
  return `${customer.key}\n${customer.name ?? ''}`.toLowerCase().includes(search.toLowerCase());
}
