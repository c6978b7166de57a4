import { describe, expect, test } from 'vitest';
import type { CostLedger, Dimension, EventFilter } from '../../src/ledger/ledger.ts';
import { collect, cost, costEvent, unattributedEvent } from './events.ts';

/** What every ledger promises. `open` gives an empty one. */
export function testLedger(name: string, open: () => Promise<CostLedger>): void {
  describe(`${name} as a ledger`, () => {
    test('gives back every event as it was written', async () => {
      const ledger = await open();
      const event = costEvent({
        context: { feature: 'chat', seats: 3, trial: true, tags: ['a', 'b'], owner: { name: 'Ö' } },
        customer: null,
        finishReasons: ['stop'],
        errorType: 'timeout',
        usage: { inputTokens: 5, cacheWrite5mTokens: 2, outputAudioSeconds: 1.5, webSearchRequests: 2 },
      });
      await ledger.write([event]);
      await ledger.flush();
      const [read] = await collect(ledger.events());
      expect(read?.toJSON()).toEqual(event.toJSON());
      await ledger.shutdown();
    });

    test('keeps an event once, however often it is written', async () => {
      const ledger = await open();
      const event = costEvent();
      await ledger.write([event, event]);
      await ledger.write([event, costEvent()]);
      // 2 × 0.0035
      expect(await ledger.query()).toMatchObject([{ events: 2, amount: '0.007' }]);
      await ledger.shutdown();
    });

    test('lists events oldest call first, whatever the order they came in', async () => {
      const ledger = await open();
      const at = (minute: number) => costEvent({ timestamp: new Date(Date.UTC(2026, 10, 20, 10, minute)) });
      await ledger.write([at(3), at(1), at(2)]);
      const minutes = async (filter: EventFilter) =>
        (await collect(ledger.events(filter))).map(({ timestamp }) => timestamp.getUTCMinutes());
      expect(await minutes({})).toEqual([1, 2, 3]);
      expect(await minutes({ limit: 2 })).toEqual([1, 2]);
      await ledger.shutdown();
    });

    test('a period contains its start and not its end', async () => {
      const ledger = await open();
      const start = new Date('2026-11-01T00:00:00.000Z');
      const end = new Date('2026-12-01T00:00:00.000Z');
      await ledger.write([
        costEvent({ timestamp: new Date(start.getTime() - 1) }),
        costEvent({ timestamp: start }),
        costEvent({ timestamp: new Date(end.getTime() - 1) }),
        costEvent({ timestamp: end }),
      ]);
      expect(await ledger.query({ start, end })).toMatchObject([{ events: 2 }]);
      expect(await collect(ledger.events({ start, end }))).toHaveLength(2);
      await ledger.shutdown();
    });

    test('finds events by what they say', async () => {
      const ledger = await open();
      const plain = costEvent();
      await ledger.write([
        plain,
        costEvent({ customer: null, attributionSource: 'scope' }),
        unattributedEvent(),
        costEvent({
          provider: 'anthropic',
          responseModel: 'claude-haiku-4-5',
          requestModel: 'claude-haiku-latest',
        }),
        costEvent({ cost: cost(undefined) }),
        costEvent({ context: { 'a.b"c': "it's", seats: 3, trial: false } }),
      ]);
      const count = async (filter: EventFilter) => (await collect(ledger.events(filter))).length;
      expect(await count({ id: plain.id })).toBe(1);
      expect(await count({ customer: 'acme' })).toBe(4);
      expect(await count({ customer: null })).toBe(2);
      expect(await count({ unattributed: true })).toBe(1);
      expect(await count({ provider: 'anthropic' })).toBe(1);
      expect(await count({ model: 'claude-haiku-4-5' })).toBe(1);
      expect(await count({ model: 'claude-haiku-latest' })).toBe(1);
      expect(await count({ unpriced: true })).toBe(1);
      expect(await count({ context: { 'a.b"c': "it's" } })).toBe(1);
      expect(await count({ context: { seats: '3', trial: 'false' } })).toBe(1);
      expect(await count({ context: { seats: '4' } })).toBe(0);
      await ledger.shutdown();
    });

    test('groups by every kind of dimension, unknown being null', async () => {
      const ledger = await open();
      await ledger.write([
        costEvent({ context: { feature: 'chat' } }),
        costEvent({
          context: { feature: 'chat' },
          customer: 'globex',
          timestamp: new Date('2026-12-01T23:59:59.999Z'),
        }),
        costEvent({ customer: null }),
      ]);
      const by = async (dimension: Dimension) =>
        (await ledger.query({ groupBy: [dimension] })).map(({ group }) => group[dimension]);
      expect(await by('customer')).toEqual([null, 'acme', 'globex']);
      expect(await by('context.feature')).toEqual([null, 'chat']);
      expect(await by('month')).toEqual(['2026-11', '2026-12']);
      expect(await by('day')).toEqual(['2026-11-20', '2026-12-01']);
      expect(await by('hour')).toEqual(['2026-11-20T10:00Z', '2026-12-01T23:00Z']);
      expect(await by('model')).toEqual(['gpt-4o-2024-08-06']);
      expect(await ledger.query({ groupBy: ['customer', 'month'] })).toHaveLength(3);
      await ledger.shutdown();
    });

    test('sums money exactly, however fine or large', async () => {
      const ledger = await open();
      await ledger.write([
        costEvent({ cost: cost('0.1') }),
        costEvent({ cost: cost('0.2') }),
        costEvent({ cost: cost('0.000000000000000001') }), // finer than any price list
        costEvent({ cost: cost('9007199254740993.5') }), // more than a double tells apart
        costEvent({ cost: cost('9000') }),
        costEvent({ cost: cost('9000') }), // together more than 64 bits of 1e-15
        costEvent({ kind: 'adjustment', adjusts: 'x', cost: cost('-0.3') }),
      ]);
      // 0.1 + 0.2 − 0.3 = 0; 9007199254740993.5 + 18000 + 1e-18 remain
      expect(await ledger.query()).toMatchObject([
        { events: 6, amount: '9007199254758993.500000000000000001' },
      ]);
      await ledger.shutdown();
    });

    test('adds up quantities, leaving out those no event had', async () => {
      const ledger = await open();
      const free = { status: 'free', currency: 'USD', amount: '0', lineItems: [] } as const;
      await ledger.write([
        costEvent({ usage: { inputTokens: 5, cacheWrite5mTokens: 2 } }),
        costEvent({ usage: { inputTokens: 7, cacheWrite5mTokens: 1, webSearchRequests: 4 } }),
        costEvent({ usage: {}, status: 'error', cost: free }),
      ]);
      const [row] = await ledger.query();
      expect(row).toMatchObject({ events: 3, errors: 1 });
      expect(row?.usage).toEqual({ inputTokens: 12, cacheWrite5mTokens: 3, webSearchRequests: 4 });
      await ledger.shutdown();
    });

    test('keeps currencies apart and counts the unpriced beside what was priced', async () => {
      const ledger = await open();
      await ledger.write([
        costEvent({ cost: cost('1') }),
        costEvent({ cost: cost('2', 'EUR') }),
        costEvent({ cost: cost('3', 'EUR'), usageSource: 'estimated' }),
        costEvent({ cost: cost(undefined) }),
        costEvent({ customer: 'globex', cost: cost(undefined) }),
      ]);
      const rows = await ledger.query({ groupBy: ['customer'] });
      expect(rows).toHaveLength(3);
      expect(rows.find(({ currency }) => currency === 'EUR')).toMatchObject({
        amount: '5',
        events: 3,
        unpriced: 1,
        estimated: 1,
        estimatedAmount: '3',
      });
      expect(rows).toContainEqual(expect.objectContaining({ currency: 'USD', amount: '1', unpriced: 0 }));
      expect(rows.find(({ group }) => group['customer'] === 'globex')).toMatchObject({
        amount: '0',
        events: 1,
        unpriced: 1,
      });
      await ledger.shutdown();
    });

    test('counts a call once, however often it is corrected, and as priced once it was', async () => {
      const ledger = await open();
      const unpriced = costEvent({ cost: cost(undefined) });
      await ledger.write([unpriced, costEvent({ cost: cost('1') })]);
      expect(await ledger.query()).toMatchObject([{ events: 2, amount: '1', unpriced: 1 }]);
      await ledger.write([
        costEvent({ kind: 'adjustment', adjusts: unpriced.id, usage: {}, cost: cost('0.5') }),
      ]);
      // 1 + 0.5
      expect(await ledger.query()).toMatchObject([{ events: 2, amount: '1.5', unpriced: 0 }]);
      expect(await collect(ledger.events({ unpriced: true }))).toEqual([]);
      await ledger.shutdown();
    });

    test('refuses a dimension it does not know and names the nearest', async () => {
      const ledger = await open();
      await expect(ledger.query({ groupBy: ['custmer' as 'customer'] })).rejects.toThrow(
        "Did you mean 'customer'?",
      );
      await ledger.shutdown();
    });
  });
}
