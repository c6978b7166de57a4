import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../../src/metering/cost-event.ts';
import { createDelivery } from '../../../src/delivery/delivery.ts';
import { OTLPLogSink } from '../../../src/sinks/otlp-log.ts';
import { cost, costEvent } from '../../ledger/events.ts';
import { Collector, noCollector, whyNot } from './collector.ts';
import { costAttributes, logsRequest, post, sumOfCosts, until } from './cost-logs.ts';
import { OtlpServer } from './otlp-server.ts';

const CONFIG = ['collector-config.yaml', 'examples/collector/http.yaml'];
const EVENTS = 10_000;

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  ends = [];
});

describe.skipIf(noCollector)(`delivery through the collector${whyNot}`, () => {
  test('brings every event of a ledger through two kills of the collector and a sink that refuses', async () => {
    const sink = await OtlpServer.start();
    ends.push(() => sink.stop());
    const collector = await Collector.start(CONFIG, {
      COST_ENDPOINT: sink.url,
      COST_ENCODING: 'json',
      OTLP_BACKEND: sink.url,
    });
    ends.push(() => collector.stop());
    const directory = mkdtempSync(join(tmpdir(), 'costspan-ledger-'));
    const ledger = new SqliteLedger({ path: join(directory, 'costs.db') });
    const delivery = createDelivery([ledger, new OTLPLogSink({ url: `${collector.url}/v1/logs` })], {
      firstRetryMs: 50,
      lastRetryMs: 500,
    });
    ends.push(async () => {
      await delivery.shutdown();
      rmSync(directory, { recursive: true });
    });
    const accepted = (): number => delivery.health().find(({ name }) => name === 'otlp-log')?.sent ?? 0;

    sink.refuseWith = 503;
    const events = Array.from({ length: EVENTS }, (_, index) => ledgerEvent(index));
    const calling = (async () => {
      for (const event of events) {
        delivery.accept(event);
        await nextTurn();
      }
    })();

    await until('the collector to take 3 000 events', () => accepted() >= 3_000);
    const deliveredBeforeFirstKill = sink.events.size;
    await collector.kill();
    await collector.start();

    await until('the collector to take 6 000 events', () => accepted() >= 6_000);
    sink.delayMs = 500;
    sink.refuseWith = undefined;
    // The sink has kept a batch and the collector does not know it yet: that batch will come twice.
    await until('a delivery to be under way', () => sink.unanswered > 0);
    await collector.kill();
    sink.delayMs = 0;
    await collector.start();

    await calling;
    await until(
      'every id to arrive',
      () => sink.events.size >= EVENTS,
      () => ({ arrived: sink.events.size, refusals: sink.refusals, sinks: delivery.health() }),
    );
    // What was accepted before the first kill lay on disk only; what came twice is still one event.
    expect(deliveredBeforeFirstKill).toBe(0);
    expect(sink.refusals).toBeGreaterThan(0);
    expect(sink.received.length).toBeGreaterThan(EVENTS);
    expect(new Set(sink.events.keys())).toEqual(new Set(events.map(({ id }) => id)));
    const rows = await ledger.query({ groupBy: ['customer'] });
    expect(
      rows.map(({ group, events: count, amount }) => ({ customer: group['customer'], count, amount })),
    ).toEqual(
      CUSTOMERS.map((customer) => {
        const own = [...sink.events.values()].filter((event) => event['costspan.customer'] === customer);
        return { customer, count: own.length, amount: sumOfCosts(own) };
      }),
    );
  });

  test('brings every event over an agent and a gateway that are both killed', async () => {
    const sink = await OtlpServer.start();
    ends.push(() => sink.stop());
    const gateway = await Collector.start(CONFIG, {
      COST_ENDPOINT: sink.url,
      COST_ENCODING: 'json',
      OTLP_BACKEND: sink.url,
    });
    ends.push(() => gateway.stop());
    const agent = await Collector.start(['examples/collector/agent.yaml'], { GATEWAY: gateway.grpc });
    ends.push(() => agent.stop());

    const sent = Array.from({ length: 2_000 }, (_, index) => costAttributes(index));
    await gateway.kill();
    await post(`${agent.url}/v1/logs`, logsRequest(sent.slice(0, 1_000)));
    await agent.kill();
    await gateway.start();
    await agent.start();
    await post(`${agent.url}/v1/logs`, logsRequest(sent.slice(1_000)));

    await until('every id to arrive', () => sink.events.size >= sent.length);
    expect(sumOfCosts(sink.events.values())).toBe(sumOfCosts(sent));
  });
});

const CUSTOMERS = ['acme', 'globex', 'initech', 'umbrella'];

/** Every fiftieth is unpriced; the others differ down to the fifteenth decimal. */
function ledgerEvent(index: number): CostEvent {
  const amount = index % 50 === 49 ? undefined : `0.00${1000 + (index % 97)}00000000${(index % 9) + 1}`;
  return costEvent({ customer: CUSTOMERS[index % 4] ?? null, cost: cost(amount) });
}
