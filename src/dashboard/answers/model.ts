import { ConfigError } from '../../base/errors.ts';
import type { EventFilter } from '../../ledger/ledger.ts';
import { eventToJson } from '../event-json.ts';
import { type ModelPrices, type PriceCondition, readPrices } from '../../pricing/shipped/list-prices.ts';
import type { PriceSource } from '../../pricing/rate-card.ts';
import type { CostJson, ModelAnswer, PriceJson, SourceJson } from '../api.ts';
import { periodToJson, type Question, requiredOf } from '../question.ts';
import type { Answer } from './answer.ts';
import { groupsOf } from './groups.ts';
import { spendOf } from './spend.ts';
import { byCurrency, sumsOf } from './sums.ts';

/** One model at one provider: its price in force, and what it cost whom. */
export const model: Answer = {
  takes: ['unit', 'top'],
  async json(question): Promise<ModelAnswer> {
    const { ledger, timeZone, at } = question;
    const { model: asked, provider: givenProvider, ...rest } = question.inPeriod;
    const provider = requiredOf(givenProvider, 'provider', 'openai');
    const name = requiredOf(asked, 'model', 'gpt-4o');
    // The model that a row of a report names, and no other that was asked for under this name.
    const filter = { ...rest, provider, is: { ...rest.is, model: name } };
    const [total, customers, spend, used] = await Promise.all([
      ledger.query(filter),
      groupsOf(question, 'customer', filter),
      spendOf({ ...question, inPeriod: filter }, 'customer'),
      lastPrice(question, { provider, is: { model: name } }),
    ]);
    const toSums = sumsOf(total);
    return {
      time_zone: timeZone,
      period: periodToJson(filter),
      provider,
      model: name,
      price: priceOf(provider, name, at),
      used,
      totals: [...byCurrency(total).values()].map((row) => toSums(row, filter)),
      customers: customers.slice(0, MAX_CUSTOMERS),
      spend,
    };
  },
};

const MAX_CUSTOMERS = 100;

async function lastPrice({ ledger }: Question, filter: EventFilter): Promise<CostJson['price']> {
  for await (const event of ledger.events({ ...filter, costStatus: 'priced', order: 'desc', limit: 1 }))
    return eventToJson(event).cost.price;
  return null;
}

function priceOf(provider: string, name: string, at: Date): PriceJson | null {
  try {
    const found = readPrices(provider, name, at);
    return found === undefined ? null : priceToJson(found);
  } catch (error) {
    // A provider of one's own, whose name is near to one the lists know.
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function priceToJson({
  price,
  currency,
  rates,
  free,
  notes = {},
  conditions,
  sources,
}: ModelPrices): PriceJson {
  return {
    list: price.list,
    id: price.id,
    valid_from: price.validFrom ?? null,
    valid_to: price.validTo ?? null,
    currency,
    free: free ?? null,
    rates: Object.entries(rates).map(([meter, rate]) => ({
      meter,
      price: rate.price,
      per: rate.per,
      long_context: (rate.longContext ?? []).map((step) => ({ above: step.above, price: step.price })),
      note: notes[meter] ?? null,
    })),
    conditions: conditions.map(conditionToJson),
    sources: sources.map(sourceToJson),
  };
}

function conditionToJson({
  circumstance,
  value,
  factor,
  note,
  unpriced,
}: PriceCondition): PriceJson['conditions'][number] {
  return { circumstance, value, factor: factor ?? null, note: unpriced ?? note ?? null };
}

export function sourceToJson({ list, source, asOf }: PriceSource): SourceJson {
  return { list, source, as_of: asOf };
}
