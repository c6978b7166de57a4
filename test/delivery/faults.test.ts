import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import type { Delivery, SinkHealth } from '../../src/delivery/sink.ts';
import { createDelivery, type DeliveryConfig } from '../../src/delivery/delivery.ts';
import { HttpSink } from '../../src/sinks/http.ts';
import { costEvent } from '../ledger/events.ts';
import { Receiver } from '../sinks/receiver.ts';

let folder: string;
let path: string;
let receiver: Receiver;
let delivery: Delivery | undefined;
/** Ids the receiver has taken in, in the order it did. */
let stored: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-faults-'));
  path = join(folder, 'costs.db');
  stored = [];
  receiver = await Receiver.start();
});
afterEach(async () => {
  vi.useRealTimers();
  await delivery?.shutdown();
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** An application with a ledger and an HTTP sink, with waits short enough to watch. */
function start(config: DeliveryConfig = {}): Delivery {
  const sinks = [new SqliteLedger({ path }), new HttpSink({ url: receiver.url, timeoutMs: 1000 })];
  delivery = createDelivery(sinks, {
    firstRetryMs: 20,
    lastRetryMs: 100,
    batchDelayMs: 5,
    pauseMs: 100,
    flushTimeoutMs: 2000,
    ...config,
  });
  return delivery;
}

function accept(count: number): string[] {
  return Array.from({ length: count }, () => {
    const event: CostEvent = costEvent();
    delivery?.accept(event);
    return event.id;
  });
}

function idsOf(body: string): string[] {
  return (JSON.parse(body) as { id: string }[]).map(({ id }) => id);
}

function health(): SinkHealth | undefined {
  return delivery?.health().find(({ name }) => name === 'http');
}

/** Waits until the receiver has every id, then compares: the very ones, each once. */
async function expectStored(ids: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(stored.length).toBeGreaterThanOrEqual(ids.length), { timeout: 15_000 });
  expect(stored.toSorted()).toEqual(ids.toSorted());
}

describe('a receiver', () => {
  test('that answers 503 for long gets everything afterwards, and is asked less and less', async () => {
    let up = false;
    receiver.answer = ({ body }) => {
      if (!up) return 503;
      stored.push(...idsOf(body));
      return 200;
    };
    start();
    const ids = accept(200);
    await vi.waitFor(() => expect(health()).toMatchObject({ status: 'failing', pending: 200 }));
    const [asked, since] = [receiver.requests.length, performance.now()];
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(asked + 10), {
      timeout: 10_000,
    });
    // No two attempts are closer than half the first step of 20 ms: nine waits between ten attempts.
    expect(performance.now() - since).toBeGreaterThanOrEqual(9 * 9);
    expect(health()).toMatchObject({ status: 'failing', pending: 200, dead: 0, dropped: 0 });
    expect(health()?.lastError).toContain('503');
    up = true;
    ids.push(...accept(50));
    await expectStored(ids);
    await vi.waitFor(() => expect(health()).toMatchObject({ status: 'ok', pending: 0, sent: 250 }));
  });

  test('that answers 429 with Retry-After is left alone until then, by every process', async () => {
    let first: number | undefined;
    let again: number | undefined;
    receiver.answer = ({ body }) => {
      if (first === undefined) {
        first = performance.now();
        return { status: 429, headers: { 'retry-after': '1' } };
      }
      again ??= performance.now();
      stored.push(...idsOf(body));
      return 200;
    };
    start();
    const ids = accept(1);
    await vi.waitFor(() => expect(first).toBeDefined());
    const other = createDelivery([new SqliteLedger({ path }), new HttpSink({ url: receiver.url })], {
      batchDelayMs: 5,
    });
    await other.forceFlush();
    await expectStored(ids);
    expect((again ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
    await other.shutdown();
  });

  test('that takes events and loses the connection gets them again under the same ids', async () => {
    const seen: string[] = [];
    receiver.answer = ({ body }) => {
      const resets = seen.length === 0;
      seen.push(...idsOf(body));
      if (resets) return (_, response) => void response.socket?.destroy();
      return 200;
    };
    start();
    const ids = accept(10);
    await vi.waitFor(() => expect(health()).toMatchObject({ pending: 0, sent: 10 }));
    expect(seen).toEqual([...ids, ...ids]);
  });

  test('that refuses one event of a hundred gets the other 99; the one is a dead letter with the answer', async () => {
    start({ batchDelayMs: 50 });
    const offender = 'offender';
    receiver.answer = ({ body }) => {
      const ids = idsOf(body);
      if (ids.includes(offender)) return { status: 400, body: '{"error":"unknown customer"}' };
      stored.push(...ids);
      return 200;
    };
    const ids = [...accept(60)];
    delivery?.accept(costEvent({ id: offender }));
    ids.push(...accept(39));
    await expectStored(ids);
    await vi.waitFor(() =>
      expect(health()).toMatchObject({ sent: 99, dead: 1, pending: 0, status: 'degraded' }),
    );
    // A batch of 100 is halved at most 7 times on each side of the offender.
    expect(receiver.requests.length).toBeLessThan(20);
  });

  test('that answers 401 is tried again rarely, loudly, and loses nothing', async () => {
    let right = false;
    receiver.answer = ({ body }) => {
      if (!right) return { status: 401, body: 'bad token' };
      stored.push(...idsOf(body));
      return 200;
    };
    start();
    const ids = accept(5);
    await vi.waitFor(() => expect(health()).toMatchObject({ status: 'failing', pending: 5, dead: 0 }));
    expect(health()?.lastError).toContain('401');
    right = true;
    await expectStored(ids);
    await vi.waitFor(() => expect(health()).toMatchObject({ status: 'ok', sent: 5 }));
  });

  test('that is gone when the process ends gets everything from the next process', async () => {
    receiver.answer = () => 503;
    start({ flushTimeoutMs: 200 });
    const ids = accept(30);
    await delivery?.shutdown();
    receiver.answer = ({ body }) => {
      stored.push(...idsOf(body));
      return 200;
    };
    start();
    await expectStored(ids);
    await vi.waitFor(() => expect(health()).toMatchObject({ pending: 0, sent: 30 }));
  });

  test('that never answers does not hold up forceFlush and shutdown beyond their deadline', async () => {
    receiver.answer = () => () => {};
    start({ flushTimeoutMs: 150, attemptTimeoutMs: 60_000 });
    accept(3);
    const begin = performance.now();
    await delivery?.forceFlush();
    await delivery?.shutdown();
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('a clock that jumps', () => {
  beforeEach(() => {
    receiver.answer = ({ body }) => {
      stored.push(...idsOf(body));
      return 200;
    };
  });

  test.each([
    ['a year ahead', 365 * 86_400_000],
    ['a year back', -365 * 86_400_000],
  ])('%s delays, loses and doubles nothing', async (_, jump) => {
    start();
    const ids = accept(5);
    await expectStored(ids);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump });
    ids.push(...accept(5));
    await expectStored(ids);
    await delivery?.shutdown();
    vi.useRealTimers();
    start();
    ids.push(...accept(5));
    await expectStored(ids);
    expect(health()).toMatchObject({ dead: 0, pending: 0 });
  });

  test('back, while a receiver asked to be left alone: an hour at most', async () => {
    let asked = false;
    receiver.answer = ({ body }) => {
      if (!asked) {
        asked = true;
        return { status: 503, headers: { 'retry-after': '3000' } };
      }
      stored.push(...idsOf(body));
      return 200;
    };
    start();
    const ids = accept(1);
    await vi.waitFor(() => expect(asked).toBe(true));
    await delivery?.shutdown();
    // The hold ends 50 minutes from then, which is now a day and 50 minutes ahead: no receiver asked for that.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 });
    start();
    await expectStored(ids);
  });
});
