import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from '../usage/attributes.ts';
import type { CostEvent } from '../metering/cost-event.ts';

/** What every value beyond a bound is called. */
const OTHER = 'other';
/** Customers whose spend is followed to find those on top. */
const MAX_FOLLOWED = 10_000;

/** The first values of an attribute, as they are; every later one is `other`. */
export class BoundedValues {
  readonly #limit: number;
  readonly #known: Set<string> = new Set();

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(value: string): string;
  of(value: string | undefined): string | undefined;
  of(value: string | undefined): string | undefined {
    if (value === undefined || this.#known.has(value)) return value;
    if (this.#known.size >= this.#limit) return OTHER;
    this.#known.add(value);
    return value;
  }
}

/**
 * The customer attribute of metrics, with a bounded number of values.
 *
 * `top`: the customers that have cost most in this process. One that rises among them gets a series and keeps it,
 * since a series that stopped would read as a drop; there are never more than twice `top`.
 */
export class CustomerValues {
  readonly #named: Set<string>;
  readonly #top: number;
  readonly #spend: Map<string, number> = new Map();

  private constructor(named: readonly string[], top: number) {
    this.#named = new Set(named);
    this.#top = top;
  }

  static allow(customers: readonly string[]): CustomerValues {
    return new CustomerValues(customers, 0);
  }

  static top(count: number): CustomerValues {
    return new CustomerValues([], count);
  }

  /** None for an event without a customer. */
  attributes(event: CostEvent): Attributes {
    const { customer } = event;
    if (customer === null) return {};
    if (this.#top > 0) this.#follow(customer, Number(event.cost.amount ?? 0));
    return this.of(customer);
  }

  /** Of a customer by name, whatever it has spent. */
  of(customer: string): Attributes {
    return { [ATTRIBUTES.customer]: this.#named.has(customer) ? customer : OTHER };
  }

  #follow(customer: string, amount: number): void {
    const spent = this.#spend.get(customer);
    if (spent === undefined && this.#spend.size >= MAX_FOLLOWED) return;
    this.#spend.set(customer, (spent ?? 0) + amount);
    if (this.#named.has(customer) || this.#named.size >= 2 * this.#top) return;
    if (this.#named.size < this.#top || this.#isOnTop(customer)) this.#named.add(customer);
  }

  /** Fewer than `top` of the named customers have cost as much. */
  #isOnTop(customer: string): boolean {
    const own = this.#spend.get(customer) ?? 0;
    let ahead = 0;
    for (const named of this.#named) if ((this.#spend.get(named) ?? 0) >= own) ahead += 1;
    return ahead < this.#top;
  }
}
