import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exact, formatDecimal, sum } from '../../src/base/decimal.ts';
import { MemoryBudgetStore } from '../../src/budgets/memory-budget-store.ts';
import type { BudgetStore, CounterKey, HoldEntry, SettleEntry } from '../../src/ledger/budget-store.ts';

const START = Date.parse('2026-11-30T10:00:00Z');
const at = (ms: number): Date => new Date(START + ms);

const key = (counter: string, bucket = 0, from = bucket, to = Number.MAX_SAFE_INTEGER): CounterKey => ({
  budgetId: 'b',
  counter,
  bucket,
  from,
  to,
});
const held = (counter: string, amount: string, limit = '1', shrinks = false): HoldEntry => ({
  ...key(counter),
  amount,
  limit,
  shrinks,
});
const spent = (
  counter: string,
  amount: string,
  thresholds: readonly number[] = [],
  limit = '1',
): SettleEntry => ({
  ...key(counter),
  amount,
  limit,
  thresholds,
  scope: '{}',
});

/** What every store of budgets promises. `open` gives a fresh one; a second opening shares what the first one keeps. */
export function testBudgetStore(
  name: string,
  open: () => Promise<{ store: BudgetStore; close(): Promise<void> }>,
): void {
  async function withStore(work: (store: BudgetStore) => Promise<void>): Promise<void> {
    const { store, close } = await open();
    try {
      await work(store);
    } finally {
      await close();
    }
  }

  describe(`the store of ${name}`, () => {
    test('takes every hold of a call, or none', () =>
      withStore(async (store) => {
        await store.settle({ callId: 'x', eventId: 'e', now: at(0), entries: [spent('b', '0.9')] });
        const request = { callId: 'c', now: at(0), expiresAt: at(1000) };
        expect(await store.hold({ ...request, entries: [held('a', '0.5'), held('b', '0.2')] })).toEqual({
          admitted: false,
          counter: 'b',
          spent: '0.9',
          held: '0',
        });
        expect(await store.read([key('a')], at(0))).toEqual([{ counter: 'a', spent: '0', held: '0' }]);
      }));

    test('fills a limit to the last digit, and no further', () =>
      withStore(async (store) => {
        const hold = (callId: string, amount: string) =>
          store.hold({ callId, now: at(0), expiresAt: at(1000), entries: [held('a', amount, '0.3')] });
        expect(await hold('1', '0.1')).toEqual({ admitted: true });
        expect(await hold('2', '0.2')).toEqual({ admitted: true });
        expect((await hold('3', '0.000000000000000001')).admitted).toBe(false);
      }));

    test('counts an event once, and gives its holds back', () =>
      withStore(async (store) => {
        await store.hold({ callId: 'c', now: at(0), expiresAt: at(1000), entries: [held('a', '0.5')] });
        const settle = { callId: 'c', eventId: 'e', now: at(0), entries: [spent('a', '0.25')] };
        await store.settle(settle);
        await store.settle(settle);
        expect(await store.read([key('a')], at(0))).toEqual([{ counter: 'a', spent: '0.25', held: '0' }]);
      }));

    test('forgets holds that expired, and keeps those that were renewed', () =>
      withStore(async (store) => {
        for (const callId of ['lost', 'long'])
          await store.hold({ callId, now: at(0), expiresAt: at(1000), entries: [held('a', '0.5')] });
        await store.renew('long', at(2000), at(0));
        expect((await store.read([key('a')], at(999)))[0]?.held).toBe('1');
        expect((await store.read([key('a')], at(1000)))[0]?.held).toBe('0.5');
        const next = { callId: 'next', now: at(1000), expiresAt: at(3000), entries: [held('a', '0.5')] };
        expect(await store.hold(next)).toEqual({ admitted: true });
      }));

    test('a call that holds again holds what it asked for last', () =>
      withStore(async (store) => {
        const request = { callId: 'c', now: at(0), expiresAt: at(1000) };
        await store.hold({ ...request, entries: [held('a', '0.5'), held('b', '0.5')] });
        await store.hold({ ...request, entries: [held('b', '0.2')] });
        expect((await store.read([key('a'), key('b')], at(0))).map((each) => each.held)).toEqual([
          '0',
          '0.2',
        ]);
      }));

    test('lets a hold that may shrink take what is left', () =>
      withStore(async (store) => {
        const hold = (callId: string) =>
          store.hold({ callId, now: at(0), expiresAt: at(1000), entries: [held('a', '0.7', '1', true)] });
        expect(await hold('1')).toEqual({ admitted: true });
        expect(await hold('2')).toEqual({ admitted: true });
        expect((await store.read([key('a')], at(0)))[0]?.held).toBe('1');
        expect((await hold('3')).admitted).toBe(false);
      }));

    test('sums the parts of a period, and no earlier ones', () =>
      withStore(async (store) => {
        for (const bucket of [10, 20, 30]) {
          const entry = { ...spent('a', '0.1'), ...key('a', bucket, 0) };
          await store.settle({ callId: `${bucket}`, eventId: `${bucket}`, now: at(0), entries: [entry] });
        }
        expect((await store.read([key('a', 30, 20)], at(0)))[0]?.spent).toBe('0.2');
        expect((await store.read([key('a', 20, 20, 30)], at(0)))[0]?.spent).toBe('0.1');
        expect((await store.counters('b', 0)).map(({ bucket }) => bucket)).toEqual([30, 20, 10]);
        expect((await store.counters('b', 20)).map(({ bucket }) => bucket)).toEqual([30, 20]);
      }));

    test('counts a late call for its own period, whatever a later one has spent', () =>
      withStore(async (store) => {
        const settle = (eventId: string, bucket: number, amount: string) =>
          store.settle({
            callId: eventId,
            eventId,
            now: at(0),
            entries: [{ ...spent('a', amount, [50]), ...key('a', bucket, bucket, bucket + 10) }],
          });
        expect(await settle('new', 20, '0.4')).toEqual([]);
        // 0.2 of the earlier period's limit of 1, not 0.6.
        expect(await settle('late', 10, '0.2')).toEqual([]);
        const request = { callId: 'c', now: at(0), expiresAt: at(1000) };
        const late = { ...held('a', '0.8'), ...key('a', 10, 10, 20) };
        expect(await store.hold({ ...request, entries: [late] })).toEqual({ admitted: true });
      }));

    test('says once of each threshold that it was passed', () =>
      withStore(async (store) => {
        const settle = async (eventId: string, amount: string) => {
          const entries = [spent('a', amount, [50, 100])];
          return (await store.settle({ callId: eventId, eventId, now: at(0), entries })).map(
            ({ percent }) => percent,
          );
        };
        expect(await settle('1', '0.49')).toEqual([]);
        expect(await settle('2', '0.01')).toEqual([50]);
        expect(await settle('3', '0.6')).toEqual([100]);
        expect(await settle('4', '5')).toEqual([]);
      }));

    test('keeps definitions, by id', () =>
      withStore(async ({ definitions }) => {
        await definitions.put('b', '{"limit":"1"}');
        await definitions.put('b', '{"limit":"2"}');
        expect(await definitions.list()).toEqual([{ id: 'b', definition: '{"limit":"2"}' }]);
        expect(await definitions.remove('b')).toBe(true);
        expect(await definitions.remove('b')).toBe(false);
      }));

    test('hands each notice to one process at a time, until it is told', () =>
      withStore(async ({ notices }) => {
        await notices.add({ id: 'n', createdAt: at(0), body: '{}', attempts: 0, told: false });
        const claim = async (now: number) =>
          (await notices.claim(at(now), at(now + 100), 10)).map(({ id }) => id);
        expect(await claim(0)).toEqual(['n']);
        expect(await claim(99)).toEqual([]);
        expect(await claim(100)).toEqual(['n']);
        await notices.retry('n', at(500));
        expect(await claim(499)).toEqual([]);
        expect(await claim(500)).toEqual(['n']);
        await notices.done('n');
        expect(await claim(10_000)).toEqual([]);
        expect(await notices.history(10)).toMatchObject([{ id: 'n', told: true, attempts: 1 }]);
      }));

    test('behaves like the protocol in memory, whatever clients do, crash and forget', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const model = new MemoryBudgetStore();
          await withStore(async (store) => {
            let now = 0;
            for (const each of steps) {
              now += each.wait;
              const expected = await each.run(model, now);
              expect(await each.run(store, now)).toEqual(expected);
            }
            const keys = COUNTERS.map((counter) => key(counter));
            expect(await store.read(keys, at(now))).toEqual(model.read(keys, at(now)));
          });
        }),
        { numRuns: 100 },
      );
    });
  });
}

const COUNTERS = ['a', 'b', 'c'];
const cents = fc.integer({ min: 0, max: 60 }).map((each) => formatDecimal(sum([exact(String(each / 100))])));
const callId = fc.integer({ min: 0, max: 9 }).map((each) => `call-${each}`);
const scopes = fc.uniqueArray(fc.constantFrom(...COUNTERS), { minLength: 1 }).map((some) => some.toSorted());
const limit = fc.constantFrom('0', '0.5', '1');

interface Step {
  readonly wait: number;
  run(store: BudgetStore, now: number): Promise<unknown>;
}

/** Hold, settle, renew and release, on interleaved calls; a call that never settles is a crash. */
const step: fc.Arbitrary<Step> = fc
  .record({
    kind: fc.constantFrom('hold', 'hold', 'settle', 'renew', 'release'),
    callId,
    counters: scopes,
    amount: cents,
    limit,
    shrinks: fc.boolean(),
    wait: fc.constantFrom(0, 0, 100, 600),
  })
  .map(({ kind, callId: call, counters, amount, limit: most, shrinks, wait }) => ({
    wait,
    async run(store, now): Promise<unknown> {
      if (kind === 'renew') return (await store.renew(call, at(now + 1000), at(now))) ?? null;
      if (kind === 'release') return (await store.release(call)) ?? null;
      if (kind === 'settle') {
        const entries = counters.map((counter) => spent(counter, amount, [50, 100], most));
        return store.settle({ callId: call, eventId: `${call}-${amount}`, now: at(now), entries });
      }
      const entries = counters.map((counter) => held(counter, amount, most, shrinks));
      return store.hold({ callId: call, now: at(now), expiresAt: at(now + 1000), entries });
    },
  }));
