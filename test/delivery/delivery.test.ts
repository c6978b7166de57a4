import { describe, expect, test, vi } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import type { CostEventSink } from '../../src/delivery/sink.ts';
import { createDelivery, type DeliveryConfig } from '../../src/delivery/delivery.ts';
import { MemorySink } from '../../src/sinks/memory.ts';
import { SinkError } from '../../src/delivery/sink-error.ts';
import { costEvent } from '../ledger/events.ts';

/** Answers each attempt with the next of `answers`, then with success; remembers what it was offered and took. */
function scripted(...answers: (Error | undefined)[]) {
  const offered: string[][] = [];
  const taken: string[] = [];
  const sink: CostEventSink = {
    name: 'scripted',
    async write(events) {
      offered.push(events.map(({ id }) => id));
      const answer = answers.shift();
      if (answer !== undefined) throw answer;
      taken.push(...events.map(({ id }) => id));
    },
  };
  return { sink, offered, taken };
}

/** Retries within milliseconds, without chance. */
const FAST: DeliveryConfig = { firstRetryMs: 10, lastRetryMs: 40, batchDelayMs: 1, pauseMs: 30 };
const CERTAIN = { random: () => 1 };

function events(count: number): CostEvent[] {
  return Array.from({ length: count }, () => costEvent());
}

const ids = (all: readonly CostEvent[]): string[] => all.map(({ id }) => id);

describe.each([
  ['from memory', () => []],
  ['from a ledger', () => [new SqliteLedger({ path: ':memory:' })]],
])('delivery %s', (_, ledgers) => {
  test('hands every event to every sink', async () => {
    const [a, b] = [scripted(), scripted()];
    const delivery = createDelivery([...ledgers(), a.sink, { ...b.sink, name: 'b' }]);
    const all = events(250);
    for (const event of all) delivery.accept(event);
    await delivery.forceFlush();
    expect(a.taken).toEqual(ids(all));
    expect(b.taken).toEqual(ids(all));
    expect(delivery.health().slice(-2)).toMatchObject([
      { name: 'scripted', status: 'ok', sent: 250, pending: 0 },
      { name: 'b', status: 'ok', sent: 250, pending: 0 },
    ]);
    await delivery.shutdown();
  });

  test('offers again what was not taken, and says so meanwhile', async () => {
    const { sink, offered, taken } = scripted(new SinkError('down', { status: 503 }), new Error('reset'));
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    const event = costEvent();
    delivery.accept(event);
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({
      status: 'degraded',
      pending: 1,
      failed: 1,
      lastError: '503: down',
    });
    await vi.waitFor(() => expect(taken).toEqual([event.id]));
    expect(offered).toHaveLength(3);
    expect(delivery.health().at(-1)).toMatchObject({ status: 'ok', pending: 0, sent: 1, failed: 2 });
    await delivery.shutdown();
  });

  test('finds the one event a receiver refuses and delivers the other 99', async () => {
    const all = events(100);
    const taken: string[] = [];
    const sink: CostEventSink = {
      name: 'picky',
      async write(batch) {
        if (batch.some(({ id }) => id === all[41]?.id)) {
          throw new SinkError('bad request', { status: 400, response: 'customer unknown' });
        }
        taken.push(...ids(batch));
      },
    };
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    for (const event of all) delivery.accept(event);
    await delivery.forceFlush();
    expect(taken).toEqual(ids(all.toSpliced(41, 1)));
    expect(delivery.health().at(-1)).toMatchObject({ status: 'degraded', sent: 99, dead: 1, pending: 0 });
    await delivery.shutdown();
  });

  test('flushes asked for at the same time offer each event once', async () => {
    const { sink, taken } = scripted();
    const delivery = createDelivery([...ledgers(), sink]);
    const all = events(250);
    for (const event of all) delivery.accept(event);
    await Promise.all([delivery.forceFlush(), delivery.forceFlush(), delivery.shutdown()]);
    expect(taken).toEqual(ids(all));
  });

  test('gives a sink no more at a time than it takes', async () => {
    const { sink, offered } = scripted();
    const delivery = createDelivery([...ledgers(), { ...sink, batchSize: 1 }]);
    for (const event of events(3)) delivery.accept(event);
    await delivery.forceFlush();
    expect(offered.map((batch) => batch.length)).toEqual([1, 1, 1]);
    await delivery.shutdown();
  });

  test('takes "already there" for success', async () => {
    const { sink } = scripted(
      new SinkError('conflict', { status: 409 }),
      new SinkError('invalid', { status: 422, response: '{"transaction_id":["value_already_exist"]}' }),
    );
    const delivery = createDelivery([...ledgers(), sink], { ...FAST, batchSize: 1 }, CERTAIN);
    for (const event of events(2)) delivery.accept(event);
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({ status: 'ok', sent: 2, dead: 0, pending: 0 });
    await delivery.shutdown();
  });

  test('pauses a sink whose key is refused, loses nothing, and goes on when the key is right', async () => {
    const wrong = () => new SinkError('no', { status: 401 });
    const { sink, taken } = scripted(wrong(), wrong());
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    const all = events(3);
    for (const event of all) delivery.accept(event);
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({
      status: 'failing',
      pending: 3,
      dead: 0,
      lastError: '401: no',
    });
    await vi.waitFor(() => expect(taken).toEqual(ids(all)));
    expect(delivery.health().at(-1)).toMatchObject({ status: 'ok', pending: 0 });
    await delivery.shutdown();
  });

  test('leaves a receiver alone for as long as it asks, even when told to flush', async () => {
    const { sink, offered, taken } = scripted(new SinkError('slow down', { status: 429, retryAfterMs: 300 }));
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    const start = performance.now();
    delivery.accept(costEvent());
    await delivery.forceFlush();
    await delivery.forceFlush();
    expect(offered).toHaveLength(1);
    await vi.waitFor(() => expect(taken).toHaveLength(1), { timeout: 5000 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(299);
    await delivery.shutdown();
  });

  test.each([
    [400, 'bad request'],
    [404, 'not found'],
    [415, 'unsupported media type'],
  ])(
    'a receiver that answers %i to everything is paused, and nothing becomes a dead letter',
    async (status, message) => {
      let isRight = false;
      const taken: string[] = [];
      const sink: CostEventSink = {
        name: 'astray',
        async write(batch) {
          if (!isRight) throw new SinkError(message, { status });
          taken.push(...ids(batch));
        },
      };
      const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
      const all = events(50);
      for (const event of all) delivery.accept(event);
      await delivery.forceFlush();
      expect(delivery.health().at(-1)).toMatchObject({
        status: 'failing',
        pending: 50,
        dead: 0,
        lastError: `${status}: ${message}`,
      });
      isRight = true;
      await vi.waitFor(() => expect(taken).toEqual(ids(all)));
      expect(delivery.health().at(-1)).toMatchObject({ status: 'ok', pending: 0, sent: 50 });
      await delivery.shutdown();
    },
  );

  test('the first event of all, refused, waits until the receiver takes another, and is then a dead letter', async () => {
    const [poison, other] = events(2);
    const sink: CostEventSink = {
      name: 'picky',
      async write(batch) {
        if (batch.some(({ id }) => id === poison?.id))
          throw new SinkError('no such customer', { status: 404 });
      },
    };
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    if (poison !== undefined) delivery.accept(poison);
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({ status: 'failing', pending: 1, dead: 0 });
    if (other !== undefined) delivery.accept(other);
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({ sent: 1, dead: 1, pending: 0 });
    await delivery.shutdown();
  });

  test('an event that is not to be kept reaches callbacks alone, and is counted', async () => {
    const heard: string[] = [];
    const durable = { ...scripted().sink, name: 'file', durable: true };
    const callback: CostEventSink = { name: 'callback', write: (batch) => void heard.push(...ids(batch)) };
    const ledger = ledgers();
    const delivery = createDelivery([...ledger, durable, callback]);
    const [kept, passing] = events(2);
    if (kept !== undefined) delivery.accept(kept);
    if (passing !== undefined) delivery.accept(passing, { persist: false });
    await delivery.forceFlush();
    expect(new Set(heard)).toEqual(new Set([kept?.id, passing?.id]));
    expect(delivery.health().slice(-2)).toMatchObject([
      { name: 'file', sent: 1, pending: 0 },
      { name: 'callback', sent: 2, pending: 0 },
    ]);
    expect(await Promise.all(ledger.map((each) => each.query()))).toMatchObject(
      ledger.map(() => [{ events: 1 }]),
    );
    await delivery.shutdown();
  });

  test('an event that always fails by itself holds up no other', async () => {
    const [poison, ...others] = events(20);
    const taken: string[] = [];
    const sink: CostEventSink = {
      name: 'fragile',
      write(batch) {
        if (batch.some(({ id }) => id === poison?.id))
          throw new TypeError('cannot read properties of undefined');
        taken.push(...ids(batch));
      },
    };
    const delivery = createDelivery([...ledgers(), sink], FAST, CERTAIN);
    for (const event of [poison, ...others]) if (event !== undefined) delivery.accept(event);
    await vi.waitFor(() => expect(taken).toEqual(ids(others)), { timeout: 10_000 });
    expect(delivery.health().at(-1)).toMatchObject({ pending: 1, dead: 0 });
    await delivery.shutdown();
  });

  test('an event that could not be delivered in time becomes a dead letter', async () => {
    let now = Date.now();
    const { sink } = scripted(...Array.from({ length: 9 }, () => new SinkError('down', { status: 503 })));
    const clock = { wall: () => now, monotonic: () => performance.now() };
    const delivery = createDelivery(
      [...ledgers(), sink],
      { ...FAST, firstRetryMs: 60_000, lastRetryMs: 60_000 },
      { clock },
    );
    delivery.accept(costEvent());
    now = Date.now() + 6.9 * 86_400_000;
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({ pending: 1, dead: 0 });
    now = Date.now() + 7.1 * 86_400_000;
    await delivery.forceFlush();
    expect(delivery.health().at(-1)).toMatchObject({ pending: 0, dead: 1 });
    await delivery.shutdown();
  });

  test('a sink that hangs, throws or fails for ever slows no other', async () => {
    const good = scripted();
    const hanging: CostEventSink = { name: 'hanging', write: () => new Promise(() => {}) };
    const throwing: CostEventSink = {
      name: 'throwing',
      write() {
        throw new Error('always');
      },
    };
    const delivery = createDelivery([...ledgers(), hanging, throwing, good.sink], {
      ...FAST,
      flushTimeoutMs: 200,
    });
    const all = events(500);
    for (const event of all) delivery.accept(event);
    await vi.waitFor(() => expect(good.taken).toEqual(ids(all)));
    const start = performance.now();
    await delivery.forceFlush();
    await delivery.shutdown();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(delivery.health().find(({ name }) => name === 'hanging')).toMatchObject({ sent: 0 });
  });

  test('sync: a synchronous sink has the event when accept returns', () => {
    const heard: string[] = [];
    const sink: CostEventSink = { write: (batch) => void heard.push(...ids(batch)) };
    const delivery = createDelivery([...ledgers(), sink], 'sync');
    const event = costEvent();
    delivery.accept(event);
    expect(heard).toEqual([event.id]);
  });

  test('a sink that causes an event while it writes is served in turn', async () => {
    const heard: string[] = [];
    const second = costEvent();
    const sink: CostEventSink = {
      write(batch) {
        if (heard.length === 0) delivery.accept(second);
        heard.push(...ids(batch));
      },
    };
    const delivery = createDelivery([...ledgers(), sink], 'sync');
    const first = costEvent();
    delivery.accept(first);
    expect(heard).toEqual([first.id, second.id]);
    await delivery.shutdown();
  });
});

test('memory sinks hear of an event at once, in any mode', () => {
  const memory = new MemorySink();
  const event = costEvent();
  createDelivery([new SqliteLedger({ path: ':memory:' }), memory]).accept(event);
  expect(memory.events).toEqual([event]);
});

test('without a ledger the queue is bounded and what does not fit is counted', async () => {
  const { sink } = scripted(new Error('down'));
  const delivery = createDelivery([sink], { maxQueue: 10 });
  for (const event of events(11)) delivery.accept(event);
  expect(delivery.health()).toMatchObject([{ pending: 10, dropped: 1 }]);
  await delivery.forceFlush();
  await delivery.shutdown();
});

test('a ledger that cannot be used stops no sink', async () => {
  const { sink, taken } = scripted();
  const delivery = createDelivery([new SqliteLedger({ path: '/proc/absent/costs.db' }), sink]);
  const all = events(3);
  for (const event of all) delivery.accept(event);
  await delivery.forceFlush();
  expect(taken).toEqual(ids(all));
  expect(delivery.health()).toMatchObject([
    { name: 'sqlite', status: 'failing', pending: 3 },
    { name: 'scripted', status: 'ok', sent: 3 },
  ]);
  await delivery.shutdown();
});

test('a wrong option is refused with the name of the right one', () => {
  expect(() => createDelivery([], { maxAge: 5 } as never)).toThrow("Did you mean 'maxAgeMs'?");
  expect(() => createDelivery([], 'now' as never)).toThrow("expected 'batch' or 'sync', got 'now'");
  expect(() => createDelivery([], { batchSize: 0 })).toThrow(
    "'batchSize' to be a whole number above 0, got 0",
  );
  expect(() => createDelivery([], { maxQueue: 1.5 })).toThrow(
    "'maxQueue' to be a whole number above 0, got 1.5",
  );
});

test('a wait without end is one without end, not one of a millisecond', async () => {
  const { sink, taken } = scripted();
  const slow: CostEventSink = {
    name: 'slow',
    async write(batch) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await sink.write(batch);
    },
  };
  const delivery = createDelivery([slow], {
    attemptTimeoutMs: Number.POSITIVE_INFINITY,
    flushTimeoutMs: Number.POSITIVE_INFINITY,
    maxAgeMs: Number.POSITIVE_INFINITY,
  });
  const event = costEvent();
  delivery.accept(event);
  await delivery.forceFlush();
  expect(taken).toEqual([event.id]);
  expect(delivery.health()).toMatchObject([{ failed: 0, sent: 1 }]);
  await delivery.shutdown();
});

test('shutdown ends in its time although a sink hangs in write and in shutdown, and the ledger is closed', async () => {
  const ledger = new SqliteLedger({ path: ':memory:' });
  const never = (): Promise<void> => new Promise(() => {});
  const delivery = createDelivery(
    [ledger, { name: 'hanging', write: never, flush: never, shutdown: never }],
    {
      flushTimeoutMs: 100,
    },
  );
  delivery.accept(costEvent());
  const start = performance.now();
  await delivery.shutdown();
  // 100 ms for the flush, and a second each for the sinks and the ledger.
  expect(performance.now() - start).toBeLessThan(2_100);
  await expect(ledger.query()).rejects.toThrow('shut down');
});
