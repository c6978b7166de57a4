import { describe, expect, test } from 'vitest';
import { sumDecimals } from '../../src/base/decimal.ts';
import { exact, formatDecimal } from '../../src/base/decimal.ts';
import { ConfigError } from '../../src/base/errors.ts';
import { known } from '../../src/base/read.ts';
import { addRows, emptyRow } from '../../src/ledger/cost-row.ts';
import type { CostLedger, CostRow, Dimension, EventQuery } from '../../src/ledger/ledger.ts';
import { monthWindow } from '../../src/reports/period.ts';
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
      const minutes = async (filter: EventQuery) =>
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
      const count = async (filter: EventQuery) => (await collect(ledger.events(filter))).length;
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
      await ledger.write([costEvent({ cost: cost(undefined) })]);
      expect(await by('cost_reason')).toEqual([null, 'unknown model']);
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
      expect(rows.find(({ group }) => group.customer === 'globex')).toMatchObject({
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
      const corrections = await collect(ledger.events({ adjusts: unpriced.id }));
      expect(corrections).toMatchObject([{ kind: 'adjustment', cost: { amount: '0.5' } }]);
      expect(await ledger.query({ adjusts: unpriced.id })).toMatchObject([{ events: 0, amount: '0.5' }]);
      await ledger.shutdown();
    });

    test('takes an object of fields, or the JSON form, and refuses what is no event', async () => {
      const ledger = await open();
      const event = costEvent();
      const { id } = costEvent();
      await ledger.write([{ ...event, customer: 'b' }, { ...costEvent().toJSON(), id } as never]);
      await ledger.flush();
      const read = await collect(ledger.events());
      expect(read.map((each) => each.id).toSorted()).toEqual([event.id, id].toSorted());
      expect(read.find((each) => each.id === event.id)?.toJSON()).toEqual({
        ...event.toJSON(),
        customer: 'b',
      });
      const wrong = [costEvent(), { ...event, id: 'x', custmer: 'b' } as never];
      await expect(async () => ledger.write(wrong)).rejects.toThrow("Did you mean 'customer'?");
      expect(await collect(ledger.events())).toHaveLength(3);
      expect(ledger.health?.()).toMatchObject({ dropped: 1 });
      await ledger.shutdown();
    });

    test('finds events by every filter', async () => {
      const ledger = await open();
      await ledger.write([
        costEvent({ responseId: 'r1', traceId: 't1', operation: 'embeddings', service: 'a' }),
        costEvent({ status: 'error', errorType: 'timeout', cost: cost('0.5') }),
        costEvent({ cost: cost('2'), context: { team: 'red', project: 'support-bot', seats: 3 } }),
        costEvent({ cost: cost('0.000000000000000000001'), context: { team: 'blue_1' } }),
        costEvent({ cost: cost(undefined), customer: null }),
      ]);
      const count = async (filter: EventQuery) => (await collect(ledger.events(filter))).length;
      expect(await count({ responseId: 'r1' })).toBe(1);
      expect(await count({ traceId: 't1' })).toBe(1);
      expect(await count({ operation: 'embeddings' })).toBe(1);
      expect(await count({ service: 'a' })).toBe(1);
      expect(await count({ status: 'error' })).toBe(1);
      expect(await count({ costStatus: 'unpriced' })).toBe(1);
      expect(await count({ unpriced: false })).toBe(4);
      expect(await count({ unattributed: true })).toBe(0);
      expect(await count({ unattributed: false, is: { customer: null } })).toBe(1);
      expect(await count({ minCost: '0.5' })).toBe(2);
      expect(await count({ minCost: 0.5, maxCost: 1 })).toBe(1);
      expect(await count({ maxCost: '0.0034' })).toBe(1);
      expect(await count({ context: { team: '*' } })).toBe(2);
      expect(await count({ context: { team: 'blue_*' } })).toBe(1);
      expect(await count({ context: { project: '*-bot', seats: 3 } })).toBe(1);
      expect(await count({ is: { 'context.team': null } })).toBe(3);
      expect(await count({ is: { 'context.team': ['red', null], operation: 'chat' } })).toBe(3);
      expect(await count({ is: { customer: null, cost_status: 'unpriced' } })).toBe(1);
      // The model that was asked for is another one than the one that answered.
      expect(await count({ is: { model: 'gpt-4o' } })).toBe(0);
      expect(await count({ is: { model: ['gpt-4o-2024-08-06'] } })).toBe(5);
      expect(await count({ is: { service: [] } })).toBe(0);
      expect(await ledger.query({ context: { team: '*' }, groupBy: ['context.team'] })).toMatchObject([
        { group: { 'context.team': 'blue_1' }, events: 1 },
        { group: { 'context.team': 'red' }, events: 1, amount: '2' },
      ]);
      expect(await ledger.query({ minCost: '0.5' })).toMatchObject([{ events: 2, amount: '2.5', errors: 1 }]);
      expect(await ledger.query({ unpriced: true })).toMatchObject([{ events: 1, unpriced: 1 }]);
      await ledger.shutdown();
    });

    test('gives pages that neither repeat nor miss an event, in both directions', async () => {
      const ledger = await open();
      // Five share a millisecond.
      const events = Array.from({ length: 12 }, (_, index) =>
        costEvent({ timestamp: new Date(Date.UTC(2026, 10, 20, 10, 0, 0, Math.min(index, 7))) }),
      );
      await ledger.write(events);
      for (const order of ['asc', 'desc'] as const) {
        const ids: string[] = [];
        for (;;) {
          const cursor = ids.at(-1);
          const page = await collect(
            ledger.events({ order, limit: 5, ...(cursor === undefined ? {} : { cursor }) }),
          );
          ids.push(...page.map(({ id }) => id));
          // What comes in between is on no page before it.
          await ledger.write([costEvent({ timestamp: new Date(order === 'asc' ? 0 : Date.now()) })]);
          await ledger.flush();
          if (page.length < 5) break;
        }
        const there = ids.flatMap((id) => events.find((event) => event.id === id) ?? []);
        const times = there.map(({ timestamp }) => timestamp.getTime());
        const direction = order === 'asc' ? 1 : -1;
        expect(new Set(there)).toEqual(new Set(events));
        expect(times).toEqual(times.toSorted((a, b) => direction * (a - b)));
        expect(new Set(ids).size).toBe(ids.length);
      }
      await expect(collect(ledger.events({ cursor: 'nothing' }))).rejects.toThrow(
        "expected 'cursor' to be the id",
      );
      await ledger.shutdown();
    });

    test('finds the few among many days, page by page, in both directions and any period', async () => {
      const ledger = await open();
      const first = Date.UTC(2026, 9, 20);
      const hours = (count: number) => new Date(first + count * 3_600_000);
      // One event every five hours for fifty days; some days have no event of a kind, some periods begin within a day.
      const events = Array.from({ length: 240 }, (_, index) =>
        costEvent({
          timestamp: hours(index * 5),
          customer: index % 97 === 3 ? 'rare' : `customer-${index % 3}`,
          context: { project: index % 53 === 7 ? 'pilot' : 'main', stage: index % 2 === 0 ? 'a' : 'b' },
        }),
      );
      await ledger.write(events.toSorted((a, b) => a.id.localeCompare(b.id)));
      const kinds: readonly [EventQuery, (event: (typeof events)[number]) => boolean][] = [
        [{ customer: 'rare' }, ({ customer }) => customer === 'rare'],
        [{ customer: 'nobody-here' }, () => false],
        [{ is: { 'context.project': ['pilot', null] } }, ({ context }) => context.project === 'pilot'],
        [{ context: { project: 'pilot' } }, ({ context }) => context.project === 'pilot'],
        [
          { customer: 'customer-1', context: { project: 'p*', stage: 'b' } },
          ({ customer, context }) =>
            customer === 'customer-1' && context.project === 'pilot' && context.stage === 'b',
        ],
        [{ model: 'gpt-4o', context: { stage: 'a' } }, ({ context }) => context.stage === 'a'],
      ];
      const periods = [
        {},
        { start: hours(100), end: hours(731) },
        { start: hours(1190) },
        { end: hours(36) },
      ];
      for (const [query, fits] of kinds) {
        for (const { start, end } of periods as readonly Pick<EventQuery, 'start' | 'end'>[]) {
          const expected = events.filter(
            (event) =>
              fits(event) &&
              (start === undefined || event.timestamp >= start) &&
              (end === undefined || event.timestamp < end),
          );
          for (const order of ['asc', 'desc'] as const) {
            const found: string[] = [];
            for (;;) {
              const cursor = found.at(-1);
              const page = await collect(
                ledger.events({
                  ...query,
                  ...known({ start, end, cursor }),
                  order,
                  limit: 7,
                }),
              );
              found.push(...page.map(({ id }) => id));
              if (page.length < 7) break;
            }
            const ids = expected.map(({ id }) => id);
            expect(found).toEqual(order === 'asc' ? ids : ids.toReversed());
          }
        }
      }
      await ledger.shutdown();
    });

    test('finds what is rare among many customers, merged ones and calls of nobody included', async () => {
      const ledger = await open();
      const events = Array.from({ length: 200 }, (_, index) =>
        costEvent({
          // Four events at each time, on forty days.
          timestamp: new Date(Date.UTC(2026, 9, 1 + Math.floor(index / 5), 12, Math.floor(index / 4))),
          customer: index % 31 === 4 ? null : `customer-${index % 40}`,
          requestModel: index % 23 === 6 ? 'gpt-rare' : 'gpt-4o',
          responseModel: index % 23 === 6 ? 'gpt-rare' : 'gpt-4o',
          ...known({ errorType: index % 67 === 8 ? 'timeout' : undefined }),
          operation: index % 40 === 7 || index % 40 === 11 ? 'embeddings' : 'chat',
          cost: cost(index % 71 === 9 ? undefined : '0.01'),
        }),
      );
      await ledger.write(events);
      await ledger.flush();
      await ledger.customers?.merge('customer-7', 'customer-11');
      const ofEleven = new Set(['customer-7', 'customer-11']);
      type Event = (typeof events)[number];
      const kinds: readonly [EventQuery, (event: Event) => boolean][] = [
        [{ model: 'gpt-rare' }, ({ requestModel }) => requestModel === 'gpt-rare'],
        [{ model: 'gpt-none' }, () => false],
        [{ is: { error_type: 'timeout' } }, ({ errorType }) => errorType === 'timeout'],
        [{ operation: 'embeddings' }, ({ customer }) => ofEleven.has(customer ?? '')],
        [{ customer: 'customer-11' }, ({ customer }) => ofEleven.has(customer ?? '')],
        [{ customer: 'customer-7' }, ({ customer }) => ofEleven.has(customer ?? '')],
        [{ is: { customer: 'customer-11' } }, ({ customer }) => ofEleven.has(customer ?? '')],
        [{ is: { customer: 'customer-7' } }, () => false],
        [
          { is: { customer: ['customer-11', 'customer-3'] }, minCost: '0.01' },
          ({ customer, cost }) =>
            (ofEleven.has(customer ?? '') || customer === 'customer-3') && cost.amount !== undefined,
        ],
        [
          { is: { customer: [null, 'customer-3'] } },
          ({ customer }) => (customer ?? 'customer-3') === 'customer-3',
        ],
        [{ customer: null }, ({ customer }) => customer === null],
        [
          { customer: null, model: 'gpt-rare' },
          ({ customer, requestModel }) => customer === null && requestModel === 'gpt-rare',
        ],
        [{ unpriced: true }, ({ cost }) => cost.amount === undefined],
        [
          { costStatus: 'unpriced', model: 'gpt-4o' },
          ({ cost, requestModel }) => cost.amount === undefined && requestModel === 'gpt-4o',
        ],
      ];
      const inOrder = (await collect(ledger.events())).map(({ id }) => id);
      for (const [query, fits] of kinds) {
        const expected = new Set(events.filter(fits).map(({ id }) => id));
        for (const order of ['asc', 'desc'] as const) {
          const found: string[] = [];
          for (;;) {
            const page = await collect(
              ledger.events({ ...query, ...known({ cursor: found.at(-1) }), order, limit: 3 }),
            );
            found.push(...page.map(({ id }) => id));
            if (page.length < 3) break;
          }
          const ids = inOrder.filter((id) => expected.has(id));
          expect(found, JSON.stringify(query)).toEqual(order === 'asc' ? ids : ids.toReversed());
        }
        const sums = await ledger.query(query);
        expect(sums.reduce((sum, row) => sum + row.events, 0)).toBe(expected.size);
      }
      await ledger.shutdown();
    });

    test.each(['feature', 'seat'])('tells the values of context.%s apart by their text', async (name) => {
      const ledger = await open();
      const values = [
        5,
        '5',
        '5.0',
        5.5,
        -1,
        true,
        'true',
        false,
        '',
        'a "b" \\c',
        'Ö',
        '[x',
        ['a', 1],
        { a: 1 },
      ];
      await ledger.write([
        ...values.map((value) => costEvent({ context: { [name]: value } })),
        costEvent(),
        costEvent({ context: { other: '5' } }),
      ]);
      const shown = (text: string | null) => collect(ledger.events({ is: { [`context.${name}`]: text } }));
      const rows = await ledger.query({ groupBy: [`context.${name}`] });
      expect(rows.reduce((sum, row) => sum + row.events, 0)).toBe(values.length + 2);
      // 5 and '5', true and 'true' read alike.
      expect(rows).toHaveLength(values.length - 2 + 1);
      for (const { group, events } of rows) {
        const text = group[`context.${name}`] ?? null;
        expect(await shown(text), String(text)).toHaveLength(events);
        if (text !== null)
          expect(await collect(ledger.events({ context: { [name]: text } }))).toHaveLength(events);
      }
      expect(await collect(ledger.events({ is: { [`context.${name}`]: ['5', 'Ö'] } }))).toHaveLength(3);
      expect(await collect(ledger.events({ is: { [`context.${name}`]: ['5', null] } }))).toHaveLength(4);
      expect(await collect(ledger.events({ context: { [name]: 5 } }))).toHaveLength(2);
      expect(await collect(ledger.events({ context: { [name]: '6' } }))).toHaveLength(0);
      await ledger.shutdown();
    });

    test('gives pages of groups, in both directions', async () => {
      const ledger = await open();
      await ledger.write(['a', 'b', 'c', 'd', 'e'].map((customer) => costEvent({ customer })));
      for (const order of ['asc', 'desc'] as const) {
        const first = await ledger.query({ groupBy: ['customer'], order, limit: 3 });
        const rest = await ledger.query({ groupBy: ['customer'], order, cursor: first.at(-1)?.cursor ?? '' });
        const all = [...first, ...rest].map(({ group }) => group.customer);
        expect(all).toEqual(order === 'asc' ? ['a', 'b', 'c', 'd', 'e'] : ['e', 'd', 'c', 'b', 'a']);
      }
      await expect(ledger.query({ cursor: 'nothing' })).rejects.toThrow(
        "expected 'cursor' to be the cursor of a row",
      );
      await ledger.shutdown();
    });

    test('begins hours, days, weeks and months where the clocks are', async () => {
      const ledger = await open();
      const at = (time: string) => costEvent({ timestamp: new Date(time), cost: cost('1') });
      await ledger.write([
        // In Berlin the clocks went back on 2026-10-25 at 01:00 UTC: the hour from two to three came twice.
        at('2026-10-25T00:30:00Z'),
        at('2026-10-25T01:30:00Z'),
        at('2026-10-31T22:59:59.999Z'),
        at('2026-10-31T23:00:00Z'),
        at('2026-10-31T18:45:00Z'),
      ]);
      const by = async (dimension: Dimension, timeZone: string) =>
        (await ledger.query({ groupBy: [dimension], timeZone })).map(({ group, events }) => [
          group[dimension],
          events,
        ]);
      expect(await by('month', 'UTC')).toEqual([['2026-10', 5]]);
      expect(await by('month', 'Europe/Berlin')).toEqual([
        ['2026-10', 4],
        ['2026-11', 1],
      ]);
      // Kolkata is five and a half hours ahead: 18:45 UTC is after midnight there, 18:15 would not be.
      expect(await by('month', 'Asia/Kolkata')).toEqual([
        ['2026-10', 2],
        ['2026-11', 3],
      ]);
      expect((await by('hour', 'Europe/Berlin')).slice(0, 2)).toEqual([
        ['2026-10-25T02:00+01:00', 1],
        ['2026-10-25T02:00+02:00', 1],
      ]);
      // October 25 is a Sunday, the last day of week 43.
      expect(await by('week', 'Europe/Berlin')).toEqual([
        ['2026-W43', 2],
        ['2026-W44', 3],
      ]);
      expect(await by('day', 'America/New_York')).toEqual(
        [
          ['2026-10-24', 2],
          ['2026-10-31', 3],
        ].map(([day, events]) => [day, events]),
      );
      await ledger.shutdown();
    });

    test.each(['Europe/Berlin', 'America/New_York', 'Australia/Sydney'])(
      'cuts months and days at midnight in %s, also where the clocks are set forward and back',
      async (timeZone) => {
        const ledger = await open();
        // Every hour of the three days around the ends of months, and around the Sundays on which the clocks are set:
        // 2026-03-08 and 11-01 in New York, 03-29 and 10-25 in Berlin, 04-05 and 10-04 in Sydney.
        const days = [
          '03-01',
          '03-08',
          '03-29',
          '04-01',
          '04-05',
          '05-01',
          '10-01',
          '10-04',
          '10-25',
          '11-01',
        ];
        const times = new Set(
          days.flatMap((day) =>
            Array.from(
              { length: 72 },
              (_, hour) => Date.parse(`2026-${day}T00:00Z`) + (hour - 36) * 3_600_000,
            ),
          ),
        );
        await ledger.write(
          [...times].map((time) => costEvent({ timestamp: new Date(time), cost: cost('0.25') })),
        );
        const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
        const counted = (length: number) => {
          const names = [...times].map((time) => clock.format(time).slice(0, length)).toSorted();
          return [...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length]);
        };
        for (const [dimension, length] of [
          ['month', 7],
          ['day', 10],
        ] as const) {
          const rows = await ledger.query({ groupBy: [dimension], timeZone });
          expect(rows.map(({ group, events }) => [group[dimension], events])).toEqual(counted(length));
        }
        const months = new Map(counted(7) as [string, number][]);
        for (const month of ['2026-03', '2026-04', '2026-10']) {
          const count = months.get(month) ?? 0;
          const [row] = await ledger.query(monthWindow(month, timeZone));
          expect(row).toMatchObject({ events: count, amount: formatDecimal(exact(String(count / 4))) });
        }
        await ledger.shutdown();
      },
    );

    test('answers alike from the sums and from the events, whatever the period, after corrections', async () => {
      const ledger = await open();
      const events = Array.from({ length: 300 }, (_, index) =>
        costEvent({
          timestamp: new Date(Date.UTC(2026, 10, 1) + index * 7_230_000),
          customer: ['acme', 'globex', null][index % 3] ?? null,
          requestModel: `model-${index % 4}`,
          context: { feature: `f${index % 5}`, other: index % 2 },
          usage: { inputTokens: index, cacheWrite5mTokens: index % 3, outputAudioTokens: 0 },
          usageSource: index % 7 === 0 ? 'estimated' : 'provider',
          status: index % 11 === 0 ? 'error' : 'ok',
          cost: cost(index % 5 === 0 ? undefined : `${index}.00000000000000${index % 10}`),
        }),
      );
      await ledger.write(events);
      const corrections = events
        .filter((_, index) => index % 10 === 0)
        .map(({ id, timestamp, customer, context }) =>
          costEvent({
            kind: 'adjustment',
            adjusts: id,
            timestamp,
            customer,
            context,
            usage: {},
            cost: cost('0.25'),
          }),
        );
      await ledger.write([...corrections, ...corrections.slice(0, 3)]);
      const periods: [Date, Date][] = [
        [new Date(Date.UTC(2026, 10, 1)), new Date(Date.UTC(2026, 11, 1))],
        [new Date(Date.UTC(2026, 10, 2, 3, 4, 5, 6)), new Date(Date.UTC(2026, 10, 9, 8, 7, 6, 5))],
        [new Date(Date.UTC(2026, 10, 2, 3)), new Date(Date.UTC(2026, 10, 2, 5))],
        [new Date(Date.UTC(2026, 10, 2, 3, 1)), new Date(Date.UTC(2026, 10, 2, 3, 2))],
      ];
      for (const [start, end] of periods) {
        for (const groupBy of [
          [],
          ['customer'],
          ['model', 'context.feature'],
          ['day'],
          ['hour', 'status'],
        ] as Dimension[][]) {
          const summed = await ledger.query({ start, end, groupBy });
          // Grouping by an entry that no sums are kept by asks the events.
          const scanned = addUp(
            await ledger.query({ start, end, groupBy: [...groupBy, 'context.other'] }),
            groupBy,
          );
          expect(summed.map(withoutCursor)).toEqual(scanned);
        }
      }
      // What a row sums is what its group finds.
      for (const groupBy of [
        ['customer', 'model'],
        ['context.feature', 'usage_source'],
        ['customer', 'context.other'],
        ['model', 'cost_reason'],
      ] as Dimension[][]) {
        for (const row of await ledger.query({ groupBy })) {
          const found = await collect(ledger.events({ is: row.group }));
          expect(found.filter(({ kind }) => kind === 'usage')).toHaveLength(row.events);
          expect(sumDecimals(found.map(({ cost }) => cost.amount ?? '0'))).toBe(row.amount);
          const [again] = await ledger.query({ groupBy, is: row.group });
          expect(again).toEqual(row);
        }
      }
      const before = await ledger.query({ groupBy: ['customer', 'context.feature', 'day'] });
      await ledger.rebuild?.();
      expect(await ledger.query({ groupBy: ['customer', 'context.feature', 'day'] })).toEqual(before);
      await ledger.shutdown();
    });

    test('knows its customers, and those it only saw', async () => {
      const ledger = await open();
      const { customers } = ledger;
      if (customers === undefined) throw new Error(`${name} has no customers`);
      await ledger.write([costEvent({ customer: 'seen' }), costEvent({ customer: 'acme' })]);
      await ledger.flush();
      const acme = {
        key: 'acme',
        name: 'Acme Ltd',
        plan: 'pro',
        rateCard: 'standard',
        metadata: { since: 2020 },
      };
      await customers.put({ key: 'acme', name: 'Acme' });
      await customers.put(acme);
      expect(await customers.get('acme')).toEqual(acme);
      expect(await customers.get('nobody')).toBeUndefined();
      expect(await customers.list()).toEqual([
        { ...acme, registered: true },
        { key: 'seen', registered: false },
      ]);
      expect(await customers.list({ registered: false })).toEqual([{ key: 'seen', registered: false }]);
      expect(await customers.list({ search: 'LTD' })).toHaveLength(1);
      expect(await customers.remove('acme')).toBe(true);
      expect(await customers.remove('acme')).toBe(false);
      expect(await ledger.query({ customer: 'acme' })).toMatchObject([{ events: 1 }]);
      await expect(customers.put({ key: 'a', nmae: 'b' } as never)).rejects.toThrow("Did you mean 'name'?");
      await expect(customers.put({} as never)).rejects.toThrow('key');
      await ledger.shutdown();
    });

    test('reports merged customers as one, and leaves their events as they are', async () => {
      const ledger = await open();
      await ledger.write(['old', 'new', 'older'].map((customer) => costEvent({ customer })));
      await ledger.flush();
      await ledger.customers?.merge('older', 'old');
      await ledger.customers?.merge('old', 'new');
      expect(await ledger.query({ groupBy: ['customer'] })).toMatchObject([
        { group: { customer: 'new' }, events: 3 },
      ]);
      for (const customer of ['new', 'old', 'older'])
        expect(await ledger.query({ customer })).toMatchObject([{ events: 3 }]);
      const kept = (await collect(ledger.events({ customer: 'new' }))).map(({ customer }) => customer);
      expect(new Set(kept)).toEqual(new Set(['new', 'old', 'older']));
      expect(await ledger.customers?.list({ search: 'older' })).toMatchObject([{ mergedInto: 'new' }]);
      await expect(ledger.customers?.merge('new', 'older')).rejects.toThrow('cannot be merged into itself');
      await ledger.shutdown();
    });

    const wrong: [string, object, string][] = [
      ['an unknown filter', { custmer: 'acme' }, "unknown option 'custmer'. Did you mean 'customer'?"],
      ['another spelling', { groupby: ['customer'] }, "Did you mean 'groupBy'?"],
      [
        'a text for a list',
        { groupBy: 'customer' },
        "expected 'groupBy' to be a list of dimensions like ['customer'], got 'customer'",
      ],
      ['a date as text', { start: '2026-11-01' }, "expected 'start' to be a valid Date, got '2026-11-01'"],
      ['a period that ends before it begins', { start: new Date(2), end: new Date(1) }, 'Swap them'],
      ['an unknown status', { status: 'failed' }, "expected 'status' to be 'ok', 'error'"],
      [
        'an unknown zone',
        { timeZone: 'Berlin' },
        "expected 'timeZone' to be a time zone like 'Europe/Berlin'",
      ],
      [
        'a customer that is none',
        { customer: 7 },
        "expected 'customer' to be a customer's key or null, got 7",
      ],
      ['money that is none', { minCost: 'much' }, "expected 'minCost' to be an amount"],
      ['a context that is none', { context: { a: null } }, 'context.a'],
      ['half an event', { limit: 0.5 }, "expected 'limit' to be a whole number"],
    ];
    test.each(wrong)('refuses %s and says what was expected', async (_, query, message) => {
      const ledger = await open();
      await expect(ledger.query(query)).rejects.toThrow(message);
      await expect(ledger.query(query)).rejects.toBeInstanceOf(ConfigError);
      const isForQueries = 'groupBy' in query || 'timeZone' in query || 'groupby' in query;
      if (!isForQueries) await expect(collect(ledger.events(query))).rejects.toThrow(message);
      await ledger.shutdown();
    });

    test('refuses a dimension it does not know and names the nearest', async () => {
      const ledger = await open();
      await expect(ledger.query({ groupBy: ['custmer' as 'customer'] })).rejects.toThrow(
        "Did you mean 'customer'?",
      );
      await expect(ledger.query({ is: { modle: 'gpt-4o' } })).rejects.toThrow("Did you mean 'model'?");
      await expect(collect(ledger.events({ is: { day: '2026-11-20' } }))).rejects.toThrow(
        "'is.day' is a time: give 'start' and 'end' instead.",
      );
      await expect(ledger.query({ is: { model: 4 as never } })).rejects.toThrow(ConfigError);
      await ledger.shutdown();
    });
  });
}

/** Rows of a finer grouping as those of a coarser one. */
function addUp(rows: readonly CostRow[], groupBy: readonly Dimension[]): CostRow[] {
  const sums = new Map<string, CostRow>();
  for (const { group, ...row } of rows) {
    const coarse = Object.fromEntries(groupBy.map((name) => [name, group[name] ?? null]));
    const key = JSON.stringify([coarse, row.currency]);
    sums.set(key, addRows(sums.get(key) ?? emptyRow(row.currency, coarse), { ...row, group: coarse }));
  }
  return [...sums.values()];
}

function withoutCursor(row: CostRow): CostRow {
  const { cursor: _, ...rest } = row;
  return rest;
}
