import { describe, expect, test, vi } from 'vitest';
import { Budget } from '../../src/budgets/budget.ts';
import { MemoryBudgetStore } from '../../src/budgets/memory-budget-store.ts';
import { createNotice } from '../../src/budgets/notice.ts';
import { BudgetNotifier, checkNotify, type NotifyTarget } from '../../src/budgets/notify.ts';
import { verifyWebhook } from '../../src/budgets/webhook-signature.ts';

const START = new Date('2026-11-30T10:00:00Z');
const budget = new Budget({ id: 'monthly', each: ['customer'], limit: '50', period: 'month' });
const notice = createNotice(
  budget,
  {
    id: 'monthly',
    scope: { customer: 'acme' },
    period: { start: new Date('2026-11-01'), end: new Date('2026-12-01') },
    limit: '50',
    spent: '40.5',
    held: '0',
    remaining: '9.5',
    percent: 81,
    resetsAt: new Date('2026-12-01'),
  },
  80,
  START,
);
const URL = 'https://hooks.example/budgets';

/** A receiver that answers with these statuses, one after the other; the last one stays. */
function receiver(...statuses: readonly number[]) {
  const requests: { headers: Headers; body: string }[] = [];
  const fetch = vi.fn((_url: unknown, init?: RequestInit) => {
    requests.push({ headers: new Headers(init?.headers), body: init?.body as string });
    const status = statuses[Math.min(requests.length, statuses.length) - 1] ?? 200;
    return status === 0
      ? Promise.reject(new TypeError('fetch failed'))
      : Promise.resolve(new Response(null, { status }));
  });
  return { requests, fetch };
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a webhook', () => {
  test('of the format otlp is a log record for an OpenTelemetry receiver, with the headers it wants', async () => {
    const { requests, fetch } = receiver(200);
    const notifier = new BudgetNotifier({
      targets: [{ url: URL, format: 'otlp', headers: { 'x-api-key': 'k' } }],
      store: new MemoryBudgetStore(),
      now: () => START,
      fetch,
    });
    notifier.tell(notice);
    await settled();
    await notifier.flush();
    const [{ headers, body }] = requests as [{ headers: Headers; body: string }];
    expect(headers.get('x-api-key')).toBe('k');
    const [record] = (
      JSON.parse(body) as { resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[] }
    ).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
    expect(record).toMatchObject({
      eventName: 'costspan.budget',
      severityText: 'WARN',
      timeUnixNano: '1796032800000000000',
      body: {
        stringValue: expect.stringMatching(/^Budget monthly for customer acme has passed 80 %/) as string,
      },
    });
    expect(record?.attributes).toContainEqual({
      key: 'costspan.customer',
      value: { stringValue: 'acme' },
    });
    expect(record?.attributes).toContainEqual({
      key: 'costspan.budget.percent',
      value: { doubleValue: 81 },
    });
  });

  test('is told once, signed, with what is needed to act', async () => {
    const { requests, fetch } = receiver(200);
    const store = new MemoryBudgetStore();
    const notifier = new BudgetNotifier({
      targets: [{ url: URL, secrets: ['s1'] }],
      store,
      now: () => START,
      fetch,
    });
    notifier.tell(notice);
    await settled();
    await notifier.flush();
    await notifier.flush();
    expect(requests).toHaveLength(1);
    const [{ headers, body }] = requests as [{ headers: Headers; body: string }];
    expect(verifyWebhook(headers, body, { secrets: ['s1'], now: START })).toBe(true);
    expect(JSON.parse(body)).toEqual({
      type: 'budget.threshold',
      id: 'monthly|customer=acme|2026-11-01T00:00:00.000Z|80',
      timestamp: '2026-11-30T10:00:00.000Z',
      data: {
        budget_id: 'monthly',
        scope: { customer: 'acme' },
        period_start: '2026-11-01T00:00:00.000Z',
        period_end: '2026-12-01T00:00:00.000Z',
        threshold: 80,
        measure: 'cost',
        currency: 'USD',
        limit: '50',
        spent: '40.5',
        held: '0',
        remaining: '9.5',
        percent: 81,
        resets_at: '2026-12-01T00:00:00.000Z',
      },
    });
    notifier.stop();
  });

  test.each([0, 500, 429])('that fails with %d is tried again, a second later', async (status) => {
    const { requests, fetch } = receiver(status, 200);
    let now = START;
    const store = new MemoryBudgetStore();
    const notifier = new BudgetNotifier({ targets: [{ url: URL }], store, now: () => now, fetch });
    notifier.tell(notice);
    await settled();
    await notifier.flush();
    now = new Date(START.getTime() + 999);
    await notifier.flush();
    expect(requests).toHaveLength(1);
    now = new Date(START.getTime() + 1_000);
    await notifier.flush();
    expect(requests).toHaveLength(2);
    expect((await store.notices.history(1))[0]?.told).toBe(true);
    notifier.stop();
  });

  test('that an earlier process could not reach is told by the next one', async () => {
    const store = new MemoryBudgetStore();
    const down = new BudgetNotifier({
      targets: [{ url: URL }],
      store,
      now: () => START,
      fetch: receiver(0).fetch,
    });
    down.tell(notice);
    await settled();
    await down.flush();
    down.stop();
    const { requests, fetch } = receiver(200);
    const later = new Date(START.getTime() + 60_000);
    const next = new BudgetNotifier({ targets: [{ url: URL }], store, now: () => later, fetch });
    await next.flush();
    expect(requests).toHaveLength(1);
    next.stop();
  });

  test('of Slack gets a sentence', async () => {
    const { requests, fetch } = receiver(200);
    const targets: NotifyTarget[] = [{ url: URL, format: 'slack' }];
    const notifier = new BudgetNotifier({ targets, store: new MemoryBudgetStore(), now: () => START, fetch });
    notifier.tell(notice);
    await settled();
    await notifier.flush();
    expect(JSON.parse(requests[0]!.body)).toEqual({
      text: 'Budget monthly for customer acme has passed 80 %: 40.5 of 50 USD spent. It starts anew at 2026-12-01T00:00:00.000Z.',
    });
    notifier.stop();
  });
});

test('a function hears at once, and one that throws harms nobody', () => {
  const heard = vi.fn();
  const throwing = (): never => {
    throw new Error('no');
  };
  const notifier = new BudgetNotifier({ targets: [throwing, heard], store: new MemoryBudgetStore() });
  notifier.tell(notice);
  expect(heard).toHaveBeenCalledExactlyOnceWith(notice);
});

test.each<[string, unknown, RegExp]>([
  ['no list', {}, /'notify' to be a list/],
  ['no address', [{ url: 'hooks' }], /'url' to be an http\(s\) address, got 'hooks'/],
  ['an unset secret', [{ url: URL, secrets: [undefined] }], /Is an environment variable unset/],
  ['an unknown option', [{ url: URL, secert: 'x' }], /unknown option 'secert'. Did you mean 'secrets'/],
  ['an unknown format', [{ url: URL, format: 'teams' }], /'format' to be json, slack or otlp/],
])('%s is refused', (_title, targets, message) => {
  expect(() => checkNotify('new CostSpanProcessor', targets)).toThrow(message);
});
