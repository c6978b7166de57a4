import { formatDecimal, exact, multiply } from '../../../src/base/decimal.ts';
import { Budget } from '../../../src/budgets/budget.ts';
import { BudgetBook } from '../../../src/budgets/budget-book.ts';
import { BudgetKeeper } from '../../../src/budgets/budget-keeper.ts';
import { budgetToJson } from '../../../src/budgets/definition.ts';
import { costOfFacts } from '../../../src/calls/cost-of-call.ts';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import { type CostEvent, type CostEventFields, createCostEvent } from '../../../src/metering/cost-event.ts';
import { freeCost } from '../../../src/pricing/cost.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { known } from '../../../src/base/read.ts';

/** The page's "now". Everything before it is seeded, from August on. */
export const NOW = new Date('2026-11-24T15:30:00.000Z');

/** A ledger of four months as a company might have it: always the same events. */
export interface Seeded {
  readonly ledger: SqliteLedger;
  readonly events: readonly CostEvent[];
}

export const BUDGETS: readonly Budget[] = [
  new Budget({ id: 'per-customer', each: ['customer'], limit: '20', period: 'month', action: 'block' }),
  new Budget({
    id: 'initech-trial',
    match: { customer: 'initech' },
    limit: '10',
    period: 'month',
    action: 'alert',
  }),
  new Budget({ id: 'company', limit: '90', period: 'month', action: 'warn' }),
];

/** How much of the traffic is whose. */
const CUSTOMERS: readonly (readonly [key: string, weight: number, name?: string, plan?: string])[] = [
  ['acme_corp', 22, 'Acme Corporation', 'enterprise'],
  ['globex', 17, 'Globex', 'enterprise'],
  ['initech', 12, 'Initech', 'team'],
  ['umbrella', 9, 'Umbrella Health', 'team'],
  ['hooli', 8],
  ['stark', 7, 'Stark Industries', 'enterprise'],
  ['wayne', 6, 'Wayne Foundation', 'team'],
  ['tyrell', 5],
  ['cyberdyne', 4],
  ['soylent', 3, 'Soylent Foods', 'starter'],
  ['wonka', 2],
  ['=cmd', 1],
];

const MODELS = [
  { weight: 34, provider: 'openai', model: 'gpt-4o', answers: 'gpt-4o-2024-08-06', host: 'api.openai.com' },
  {
    weight: 20,
    provider: 'openai',
    model: 'gpt-5-mini',
    answers: 'gpt-5-mini-2025-08-07',
    host: 'api.openai.com',
  },
  {
    weight: 26,
    provider: 'anthropic',
    model: 'claude-sonnet-5',
    answers: 'claude-sonnet-5',
    host: 'api.anthropic.com',
  },
  {
    weight: 15,
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    answers: 'claude-haiku-4-5-20251001',
    host: 'api.anthropic.com',
  },
  {
    weight: 2,
    provider: 'together',
    model: 'acme/tuned-13b',
    answers: 'acme/tuned-13b',
    host: 'api.together.xyz',
  },
] as const;

const FEATURES = [
  { weight: 45, feature: 'chat', input: 2400, output: 420 },
  { weight: 25, feature: 'triage', input: 900, output: 60 },
  { weight: 18, feature: 'letter', input: 5200, output: 1100 },
  { weight: 12, feature: 'summary', input: 14_000, output: 700 },
] as const;

/** Fills a ledger with some 5,000 events, their budgets, customers, and what waits for another sink. */
export async function seedLedger(path: string): Promise<Seeded> {
  const ledger = new SqliteLedger({ path });
  for (const [key, , name, plan] of CUSTOMERS) {
    if (name !== undefined) await ledger.customers.put({ key, name, ...known({ plan }) });
  }
  for (const budget of BUDGETS) {
    await ledger.budgets.definitions.put(budget.id, JSON.stringify(budgetToJson(budget)));
  }
  const warehouse = ledger.outbox.queue('warehouse');
  const events = seededEvents();
  for (let at = 0; at < events.length; at += 500) await ledger.write(events.slice(at, at + 500));
  await ledger.flush();
  await count(ledger, events);
  await deliver(warehouse);
  return { ledger, events };
}

/** Always the same events, oldest first. */
export function seededEvents(): CostEvent[] {
  const random = randomFrom(20_261_124);
  const events: CostEvent[] = [];
  const days = Math.floor((NOW.getTime() - START) / DAY) + 1;
  for (let day = 0; day < days; day += 1) {
    const date = new Date(START + day * DAY);
    const weekend = [0, 6].includes(date.getUTCDay());
    const calls = Math.round((34 + day * 0.36) * (weekend ? 0.4 : 1) * (0.8 + random() * 0.4));
    const times = Array.from(
      { length: calls },
      () => START + day * DAY + Math.floor((7 + random() * 12) * HOUR),
    );
    for (const time of times.sort((a, b) => a - b)) {
      if (time < NOW.getTime()) events.push(eventAt(time, events.length, random));
    }
  }
  return events;
}

/** One more call, made a second before `NOW`: what the live tail waits for. */
export function lateEvent(id: string): CostEvent {
  return eventOf({
    ...callOf(NOW.getTime() - 1_000, 0, randomFrom(7)),
    id,
    customer: 'globex',
    attributionSource: 'scope',
  });
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 7, 3);

type Random = () => number;

function eventAt(time: number, index: number, random: Random): CostEvent {
  const call = callOf(time, index, random);
  const chance = random();
  if (chance < 0.02) {
    // Refused by the provider: free.
    const { usage: _, usageRaw: __, responseModel: ___, ...rest } = call;
    return createCostEvent({
      ...rest,
      kind: 'usage',
      status: 'error',
      errorType: 'rate_limit_exceeded',
      usage: {},
      usageSource: 'none',
      cost: freeCost('nothing was consumed: every attempt was refused'),
    });
  }
  // The stream was left before its usage came.
  if (chance < 0.05) return eventOf({ ...call, status: 'aborted', usageSource: 'estimated' });
  if (chance < 0.075) {
    const { attributionSource: _, ...rest } = call;
    return eventOf({ ...rest, customer: null, callSite: 'nightlyDigest (jobs/digest.ts:41)' });
  }
  return eventOf(call);
}

type Call = Omit<CostEventFields, 'kind' | 'cost'>;

function callOf(time: number, index: number, random: Random): Call {
  const [customer] = pick(CUSTOMERS, random, ([, weight]) => weight);
  const { provider, model, answers, host } = pick(MODELS, random, ({ weight }) => weight);
  const { feature, input, output } = pick(FEATURES, random, ({ weight }) => weight);
  const size = 2 + random() * 14;
  const inputTokens = Math.round(input * size);
  const cacheReadTokens = random() < 0.4 ? Math.round(inputTokens * 0.6) : 0;
  const outputTokens = Math.round(output * (0.5 + random()) * 2);
  const hex = index.toString(16).padStart(12, '0');
  return {
    id: `019a${time.toString(16).padStart(12, '0').slice(-4)}-${hex.slice(0, 4)}-7000-8000-${hex}`,
    timestamp: new Date(time),
    durationMs: Math.round(300 + outputTokens * 4 * (0.5 + random())),
    timeToFirstTokenMs: Math.round(180 + random() * 300),
    customer,
    attributionSource: 'scope',
    context: { feature, project: 'support_desk' },
    provider,
    operation: 'chat',
    requestModel: model,
    responseModel: answers,
    responseId: `resp-${hex}`,
    requestId: `req_${hex}`,
    serviceTier: 'default',
    serverAddress: host,
    stream: true,
    status: 'ok',
    finishReasons: ['stop'],
    retries: random() < 0.03 ? 1 : 0,
    usage: known({
      inputTokens,
      cacheReadTokens: cacheReadTokens || undefined,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
    }),
    usageSource: 'provider',
    traceId: `4bf92f3577b34da6a3ce${hex}`,
    spanId: `00f0${hex}`,
    service: 'support-desk',
  };
}

/** The event of a call, at the list's own price; the large plans are charged for it. */
function eventOf(call: Call): CostEvent {
  const cost = costOfFacts(call, [defaultPriceList]);
  const charged = ['acme_corp', 'globex', 'stark'].includes(call.customer ?? '') && cost.amount !== undefined;
  if (!charged) return createCostEvent({ ...call, kind: 'usage', cost });
  const amount = formatDecimal(multiply(exact(cost.amount ?? '0'), exact('1.45')));
  return createCostEvent({
    ...call,
    kind: 'usage',
    cost,
    charge: { status: 'charged', currency: 'USD', amount, rateCard: 'cost plus 45 %', lineItems: [] },
  });
}

/** The budgets as if each call had been counted when it settled. */
async function count(ledger: SqliteLedger, events: readonly CostEvent[]): Promise<void> {
  let now = NOW;
  const book = new BudgetBook(BUDGETS);
  const keeper = new BudgetKeeper({ book: () => book, store: ledger.budgets, atOnce: true, now: () => now });
  for (const event of events) {
    const { amount, currency } = event.cost;
    if (event.timestamp < MONTH || amount === undefined || currency === undefined) continue;
    now = event.timestamp;
    const { id, timestamp, customer, context, provider, operation, requestModel } = event;
    const call = {
      id,
      startTime: timestamp,
      customer,
      context,
      provider,
      operation,
      ...known({ model: requestModel }),
    };
    keeper.settle(call, id, { cost: { amount, currency }, tokens: String(event.usage.totalTokens ?? 0) });
  }
  await keeper.flush();
  keeper.stop();
}

const MONTH = new Date('2026-11-01T00:00:00Z');

/** Nearly everything was taken; two were refused for good, and some wait. */
async function deliver(queue: ReturnType<SqliteLedger['outbox']['queue']>): Promise<void> {
  for (let round = 0; round < 9; round += 1) {
    const { entries } = await queue.claim(500);
    const dead = round === 3 ? 2 : 0;
    const failure = { message: 'HTTP 422', status: 422, response: 'customer: unknown key' };
    await queue.settle(entries.slice(0, dead), { kind: 'dead', failure });
    await queue.settle(entries.slice(dead), { kind: 'sent' });
  }
  await queue.release();
}

function pick<T>(from: readonly T[], random: Random, weightOf: (item: T) => number): T {
  let left = random() * from.reduce((sum, item) => sum + weightOf(item), 0);
  const found = from.find((item) => (left -= weightOf(item)) < 0) ?? from[0];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
