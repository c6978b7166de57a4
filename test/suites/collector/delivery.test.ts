import { afterEach, describe, expect, test } from 'vitest';
import { Collector, noCollector, whyNot } from './collector.ts';
import { costAttributes, logsRequest, post, sumOfCosts, until } from './cost-logs.ts';
import { OtlpServer } from './otlp-server.ts';

const CONFIG = ['collector-config.yaml', 'examples/collector/http.yaml'];
const EVENTS = 10_000;
const BATCH = 50;

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
  ends = [];
});

describe.skipIf(noCollector)(`delivery through the collector${whyNot}`, () => {
  test('brings every event through two kills of the collector and a sink that refuses', async () => {
    const sink = await OtlpServer.start();
    ends.push(() => sink.stop());
    const collector = await Collector.start(CONFIG, { COST_ENDPOINT: sink.url, OTLP_BACKEND: sink.url });
    ends.push(() => collector.stop());

    sink.refuseWith = 503;
    const sent = Array.from({ length: EVENTS }, (_, index) => costAttributes(index));
    let accepted = 0;
    const batches = Array.from({ length: EVENTS / BATCH }, (_, i) => sent.slice(i * BATCH, (i + 1) * BATCH));
    const posting = inParallel(4, batches, async (batch) => {
      await post(`${collector.url}/v1/logs`, logsRequest(batch));
      accepted += batch.length;
    });

    await until('3 000 events to be accepted', () => accepted >= 3_000);
    const deliveredBeforeFirstKill = sink.events.size;
    await collector.kill();
    await collector.start();

    await until('6 000 events to be accepted', () => accepted >= 6_000);
    sink.delayMs = 500;
    sink.refuseWith = undefined;
    // The sink has kept a batch and the collector does not know it yet: that batch will come twice.
    await until('a delivery to be under way', () => sink.unanswered > 0);
    await collector.kill();
    sink.delayMs = 0;
    await collector.start();

    await posting;
    await until('every id to arrive', () => sink.events.size >= EVENTS);
    // What was accepted before the first kill lay on disk only; what came twice is still one event.
    expect(deliveredBeforeFirstKill).toBe(0);
    expect(sink.refusals).toBeGreaterThan(0);
    expect(sink.received.length).toBeGreaterThan(EVENTS);
    expect(new Set(sink.events.keys())).toEqual(new Set(sent.map((event) => event['costspan.event.id'])));
    expect(sumOfCosts(sink.events.values())).toBe(sumOfCosts(sent));
  });

  test('brings every event over an agent and a gateway that are both killed', async () => {
    const sink = await OtlpServer.start();
    ends.push(() => sink.stop());
    const gateway = await Collector.start(CONFIG, { COST_ENDPOINT: sink.url, OTLP_BACKEND: sink.url });
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

/** Runs `work` over all items, `width` of them at any time. */
async function inParallel<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
