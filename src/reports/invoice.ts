import {
  exact,
  formatDecimal,
  roundDecimal,
  type Rounding,
  subtract,
  sumDecimals,
  parseDecimal,
} from '../base/decimal.ts';
import type { Decimal } from '../base/decimal.ts';
import { ConfigError } from '../base/errors.ts';
import {
  anything,
  date,
  kind,
  type Kind,
  type KindsOf,
  oneOf,
  optionsOf,
  required,
  text,
} from '../base/options.ts';
import { known, object } from '../base/read.ts';
import { didYouMean } from '../base/spelling.ts';
import { calculateCharge, marginOf } from '../charging/charge.ts';
import { createUserPrices } from '../charging/user-prices.ts';
import type { CostLedger } from '../ledger/ledger.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { UserRateCard } from '../pricing/own/price-file.ts';
import type { Charge } from '../pricing/price.ts';
import { InvoiceTally, type InvoiceLine } from './invoice-tally.ts';
import { lastMonth, month, monthWindow, timeZone, type Window } from './period.ts';

export interface InvoiceOptions {
  /** The customer's key. */
  readonly customer: string;
  /** `2026-11`. Default: the month before this one. */
  readonly month?: string;
  /** Where the month begins and ends. Default: `UTC`. */
  readonly timeZone?: string;
  /**
   * What customers pay, as in a price file's `rate_cards`. The card that the customer is registered with, else the first
   * that fits each call. Default: what each event was charged when it was metered.
   */
  readonly rateCards?: readonly UserRateCard[];
  /** A fee for the month, beside what its calls are charged: `'49'`. Default: none. */
  readonly fee?: Decimal;
  /** The least the month is charged, fee included. Default: none. */
  readonly minimum?: Decimal;
  /** Of cards that name none. Default: `USD`. */
  readonly currency?: string;
  /** Digits after the point of a line's amount. Default: 2. */
  readonly places?: number;
  /** Default: `half-up`, as invoices are. */
  readonly rounding?: Rounding;
  /** Default: now; tests pass their own. */
  readonly now?: Date;
}

/** What a customer is to pay for a month: a preview, not a booking. Money is decimal text. */
export interface Invoice {
  readonly customer: string;
  /** As registered. */
  readonly name?: string;
  readonly period: Window;
  readonly timeZone: string;
  readonly currency: string;
  readonly lines: readonly InvoiceLine[];
  /** The sum of the lines as they are shown. */
  readonly total: Decimal;
  /** The sum of the lines before they were rounded. */
  readonly exact: Decimal;
  /** `total` − `exact`: what rounding each line once has added or taken. */
  readonly residue: Decimal;
  /** What the charged calls cost us, and what is left of the exact charge; absent while it is unknown or in another currency. */
  readonly cost?: Decimal;
  readonly margin?: Decimal;
  readonly calls: number;
  /** Calls that are not on the invoice, and why. */
  readonly uncharged: readonly { readonly reason: string; readonly calls: number }[];
  /** Charged calls whose quantities are our own estimates. */
  readonly estimated: number;
}

const amount: Kind<Decimal> = kind(
  "an amount of 0 or more, like '49.00'",
  (value) => typeof value === 'string' && (parseDecimal(value)?.digits ?? -1n) >= 0n,
);

const OPTIONS: KindsOf<InvoiceOptions> = {
  customer: required(text),
  month,
  timeZone,
  rateCards: anything,
  fee: amount,
  minimum: amount,
  currency: text,
  places: kind(
    'a whole number from 0 to 12',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 12,
  ),
  rounding: oneOf('half-up', 'half-even'),
  now: date,
};

/**
 * What a customer is to pay for a month, call by call: a quota and volume tiers count through the period in the order of
 * the calls, which an event alone could not tell. Each line is rounded once.
 *
 * @throws {ConfigError} for a wrong option, and for a rate card that the customer has and nobody gave.
 * @example
 * const { total, lines } = await invoice(ledger, { customer: 'acme', month: '2026-11', rateCards: [{ name: 'standard', markup: '20' }] });
 */
export async function invoice(
  ledger: Pick<CostLedger, 'events'> & { readonly customers?: unknown },
  options: InvoiceOptions,
): Promise<Invoice> {
  const checked = optionsOf('invoice', options, OPTIONS);
  const { customer, timeZone: zone = 'UTC', currency = 'USD', places = 2, rounding = 'half-up' } = checked;
  const period = monthWindow(checked.month ?? lastMonth(checked.now ?? new Date(), zone), zone);
  const { name, plan, rateCard } = await registered(ledger.customers, customer);
  const cards = checked.rateCards && cardsOf(checkedCards(checked.rateCards), rateCard);
  const tally = new InvoiceTally();
  for await (const event of ledger.events({ ...period, customer })) {
    tally.add(event, cards === undefined ? event.charge : chargeOf(event, cards, { currency, plan, tally }));
  }
  const lines = withMonthly(tally.lines(places, rounding), checked, places, rounding);
  const total = sumDecimals(lines.map(({ amount }) => amount));
  const exactTotal = sumDecimals(lines.map((line) => line.exact));
  const chosen = tally.currency ?? currency;
  const charge: Charge = {
    status: 'charged',
    currency: chosen,
    amount: exactTotal,
    lineItems: [],
    rateCard: '',
  };
  return {
    customer,
    ...known({ name }),
    period,
    timeZone: zone,
    currency: chosen,
    lines,
    total: roundDecimal(total, places),
    exact: exactTotal,
    residue: formatDecimal(subtract(exact(total), exact(exactTotal))),
    ...known({
      cost: tally.cost?.amount,
      margin: tally.cost && marginOf(charge, { status: 'priced', lineItems: [], ...tally.cost }),
    }),
    calls: tally.calls,
    uncharged: tally.uncharged(),
    estimated: tally.estimated,
  };
}

/** The lines of the calls, then the month's fee, then what is missing to its minimum. */
function withMonthly(
  lines: readonly InvoiceLine[],
  { fee, minimum }: InvoiceOptions,
  places: number,
  rounding: Rounding,
): readonly InvoiceLine[] {
  const line = (meter: string, description: string, value: Decimal): InvoiceLine => ({
    description,
    rateCard: '',
    meter,
    quantity: '1',
    unitPrice: value,
    per: '1',
    calls: 0,
    exact: value,
    amount: roundDecimal(value, places, rounding),
  });
  const all = fee === undefined ? lines : [...lines, line('monthly_fee', 'Monthly fee', fee)];
  const missing = subtract(exact(minimum ?? '0'), exact(sumDecimals(all.map((each) => each.amount))));
  if (missing.digits <= 0n) return all;
  return [...all, line('monthly_minimum', 'Up to the monthly minimum', formatDecimal(missing))];
}

/** What the registry knows of the customer, where the ledger has one. */
async function registered(
  customers: unknown,
  key: string,
): Promise<{ name?: string; plan?: string; rateCard?: string }> {
  const registry = object(customers);
  if (typeof registry?.get !== 'function') return {};
  const get = registry.get as (
    key: string,
  ) => Promise<{ name?: string; plan?: string; rateCard?: string } | undefined>;
  return (await get.call(registry, key)) ?? {};
}

/** Checked as those of a price file are: a misspelt field must not make a month cheaper. */
function checkedCards(rateCards: readonly UserRateCard[]): readonly UserRateCard[] {
  return createUserPrices('invoice', { rateCards }).file.rateCards ?? [];
}

function cardsOf(cards: readonly UserRateCard[], own: string | undefined): readonly UserRateCard[] {
  if (own === undefined) return cards;
  const named = cards.filter(({ name }) => name === own);
  if (named.length > 0) return named;
  const names = cards.map(({ name }) => name);
  throw new ConfigError(
    `invoice: the customer's rate card is '${own}', and there is none of that name.${didYouMean(own, names)} Rate cards: ${names.join(', ') || 'none'}.`,
  );
}

/** What a call is charged, given what was consumed before it. A correction passes on its cost and no fee. */
function chargeOf(
  event: CostEvent,
  cards: readonly UserRateCard[],
  { currency, plan, tally }: { currency: string; plan: string | undefined; tally: InvoiceTally },
): Charge | undefined {
  if (event.usageSource === 'none' && event.kind !== 'adjustment') return undefined;
  const subject = {
    cost: event.cost,
    usage: event.usage,
    at: event.timestamp,
    customer: event.customer,
    context: plan === undefined ? event.context : { plan, ...event.context },
    provider: event.provider,
    ...known({ model: event.responseModel ?? event.requestModel }),
  };
  if (event.kind === 'adjustment') {
    const costOnly = cards.flatMap(({ name, when, markup, currency, validFrom, validTo }) =>
      markup === undefined ? [] : [known({ name, when, markup, currency, validFrom, validTo })],
    );
    return calculateCharge(subject, costOnly, { currency });
  }
  return calculateCharge(subject, cards, { currency, consumed: tally.consumedBefore(event) });
}
