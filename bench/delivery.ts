/** What each sink takes for an event, in batches of a hundred, as one line of JSON. `node bench/delivery.ts <url>` */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CostEventSink, HttpSink, JsonlSink, MemorySink, OTLPLogSink } from '../src/index.ts';
import { event } from './event.ts';

const url = process.argv[2] ?? 'http://127.0.0.1:9';
const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
const sinks: Readonly<Record<string, CostEventSink>> = {
  memory: new MemorySink(),
  jsonl: new JsonlSink({ path: join(folder, 'events.jsonl') }),
  http: new HttpSink({ url }),
  'otlp-log': new OTLPLogSink({ url: `${url}/v1/logs` }),
};
const EVENTS = 20_000;
const BATCH = 100;
const figures: Record<string, number> = {};
for (const [name, sink] of Object.entries(sinks)) {
  const batches = Array.from({ length: EVENTS / BATCH }, (_, batch) =>
    Array.from({ length: BATCH }, (__, index) => event(batch * BATCH + index, EVENTS)),
  );
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (const batch of batches) await sink.write(batch);
  await sink.flush?.();
  const { user, system } = process.cpuUsage(cpu);
  figures[`${name}, events/s`] = EVENTS / ((performance.now() - start) / 1000);
  figures[`${name}, CPU µs per event`] = (user + system) / EVENTS;
  await sink.shutdown?.();
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify(figures));
process.exit();
