import {
  add,
  exact,
  formatDecimal,
  roundDecimal,
  type Rounding,
  sumDecimals,
  ZERO,
} from '../base/decimal.ts';
import type { Decimal, Exact } from '../base/decimal.ts';
import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { Charge, LineItem } from '../pricing/price.ts';
import { usageToJson } from '../usage/usage.ts';

/** One line of an invoice. Money is decimal text. */
export interface InvoiceLine {
  readonly description: string;
  readonly rateCard: string;
  readonly meter: string;
  /** The model whose cost is passed on. */
  readonly model?: string;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly per: Decimal;
  readonly multipliers?: LineItem['multipliers'];
  readonly calls: number;
  readonly exact: Decimal;
  /** Rounded once. */
  readonly amount: Decimal;
}

/** One line in the making. */
interface OpenLine {
  readonly item: LineItem;
  readonly rateCard: string;
  readonly model: string | undefined;
  quantity: Exact;
  amount: Exact;
  calls: number;
}

/** Adds up the charges of a period. */
export class InvoiceTally {
  calls = 0;
  estimated = 0;
  currency: string | undefined;
  cost: { amount: Decimal; currency: string } | undefined = { amount: '0', currency: 'USD' };
  readonly #lines = new Map<string, OpenLine>();
  readonly #uncharged = new Map<string, number>();
  readonly #consumed: Record<string, Decimal> = {};

  /** What the period's earlier calls consumed, per quantity. */
  consumedBefore(event: CostEvent): Readonly<Record<string, Decimal>> {
    const before = { ...this.#consumed };
    for (const [name, quantity] of Object.entries({ requests: 1, ...usageToJson(event.usage) })) {
      if (typeof quantity !== 'number') continue;
      this.#consumed[name] = sumDecimals([this.#consumed[name] ?? '0', String(quantity)]);
    }
    return before;
  }

  add(event: CostEvent, charge: Charge | undefined): void {
    if (event.kind === 'usage') this.calls += 1;
    if (charge?.status !== 'charged') {
      if (charge !== undefined || event.cost.status !== 'free') {
        const reason = charge?.reason ?? 'no rate card fits';
        this.#uncharged.set(reason, (this.#uncharged.get(reason) ?? 0) + 1);
      }
      return;
    }
    if (event.usageSource === 'estimated') this.estimated += 1;
    const currency = charge.currency ?? 'USD';
    if (this.currency !== undefined && this.currency !== currency)
      throw new ConfigError(
        `invoice: the month is charged in ${this.currency} and in ${currency}, and an invoice has one currency. Give the customer rate cards of one currency.`,
      );
    this.currency = currency;
    this.#addCost(event);
    for (const item of charge.lineItems) this.#addItem(item, charge.rateCard, event);
  }

  #addCost({ cost: { amount, currency = 'USD' } }: CostEvent): void {
    if (this.cost === undefined) return;
    const isFirst = this.cost.amount === '0';
    if (amount === undefined || (!isFirst && currency !== this.cost.currency)) this.cost = undefined;
    else this.cost = { amount: sumDecimals([this.cost.amount, amount]), currency };
  }

  #addItem(item: LineItem, rateCard: string, event: CostEvent): void {
    const model =
      item.meter === 'cost' ? (event.responseModel ?? event.requestModel ?? event.operation) : undefined;
    // What differs from call to call by its amount alone is one line.
    const price = item.meter === 'minimum' ? '' : `${item.unitPrice}/${item.per}`;
    const key = JSON.stringify([rateCard, item.meter, model, price, item.multipliers]);
    const line = this.#lines.get(key) ?? { item, rateCard, model, quantity: ZERO, amount: ZERO, calls: 0 };
    line.quantity = add(line.quantity, exact(item.quantity));
    line.amount = add(line.amount, exact(item.amount));
    line.calls += 1;
    this.#lines.set(key, line);
  }

  lines(places: number, rounding: Rounding): readonly InvoiceLine[] {
    return [...this.#lines.values()].map(({ item, rateCard, model, quantity, amount, calls }) => {
      const whole = formatDecimal(amount);
      return {
        description: describeLine(item, model),
        rateCard,
        meter: item.meter,
        ...known({ model, multipliers: item.multipliers }),
        quantity: formatDecimal(quantity),
        unitPrice: item.unitPrice,
        per: item.per,
        calls,
        exact: whole,
        amount: roundDecimal(whole, places, rounding),
      };
    });
  }

  /** Calls that are not on the invoice, and why. */
  uncharged(): readonly { readonly reason: string; readonly calls: number }[] {
    return [...this.#uncharged].map(([reason, calls]) => ({ reason, calls }));
  }
}

/** Only the cost that is passed on has a model. */
function describeLine({ meter, multipliers = [] }: LineItem, model: string | undefined): string {
  if (model !== undefined) {
    const factor = multipliers.find(({ name }) => name === 'markup')?.factor;
    return `Usage of ${model}${factor === undefined || factor === '1' ? '' : `, cost × ${factor}`}`;
  }
  if (meter === 'fixed') return 'Fee per call';
  if (meter === 'minimum') return 'Up to the minimum';
  const words = meter.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
