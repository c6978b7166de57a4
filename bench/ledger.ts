/**
 * The ledger by itself: events per second, bytes per event on disk, how long the application's thread stands still,
 * and what reports take. `node bench/ledger.ts [events]` prints one line of JSON.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteLedger } from '../src/ledger/sqlite/sqlite-ledger.ts';
import { event, MONTH } from './event.ts';
import { median, quantile } from './figures.ts';

const count = Number(process.argv[2] ?? 200_000);
const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
const figures: Record<string, number> = {};

function size(path: string): number {
  return ['', '-wal'].reduce(
    (sum, end) => sum + (statSync(path + end, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Everything at once: what the thread needs per event, with the sums. */
async function hot(): Promise<string> {
  const path = join(folder, 'hot.db');
  const ledger = new SqliteLedger({ path, durability: 'batch' });
  const size_ = 10_000;
  let spent = 0;
  let cpu = 0;
  for (let first = 0; first < count; first += size_) {
    const events = Array.from({ length: Math.min(size_, count - first) }, (_, index) =>
      event(first + index, count),
    );
    const [start, used] = [performance.now(), process.threadCpuUsage?.()];
    for (const each of events) ledger.write([each]);
    await ledger.flush();
    spent += performance.now() - start;
    const since = used && process.threadCpuUsage(used);
    cpu += since === undefined ? 0 : (since.user + since.system) / 1000;
  }
  await ledger.shutdown();
  figures['written in batches, events/s'] = count / (spent / 1000);
  figures['written in batches, CPU µs per event on the calling thread'] = (cpu * 1000) / count;
  figures['bytes per event on disk'] = size(path) / count;
  return path;
}

/** A thousand calls a second for ten seconds: how long one write, or one turn of the loop, keeps the thread. */
async function paced(durability: 'batch' | 'call'): Promise<void> {
  const path = join(folder, `paced-${durability}.db`);
  const ledger = new SqliteLedger({ path, durability });
  const seconds = 10;
  const stalls: number[] = [];
  const start = performance.now();
  let written = 0;
  while (written < seconds * 1000) {
    const due = Math.min(seconds * 1000, Math.floor(performance.now() - start));
    const before = performance.now();
    for (; written < due; written++) ledger.write([event(written, count)]);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 1));
    stalls.push(Math.max(0, performance.now() - before - 1.1));
  }
  await ledger.shutdown();
  const what = `paced 1,000 calls/s, ${durability}: a turn of the loop beyond its 1 ms`;
  figures[`${what}, p99 ms`] = quantile(stalls, 0.99);
  figures[`${what}, longest ms`] = Math.max(...stalls);
}

async function reports(path: string): Promise<void> {
  const ledger = new SqliteLedger({ path });
  const [start, end] = [new Date(MONTH), new Date(Date.UTC(2026, 11, 1))];
  const ask = async (what: string, query: Parameters<SqliteLedger['query']>[0]): Promise<void> => {
    const times: number[] = [];
    for (let run = 0; run < 5; run++) {
      const before = performance.now();
      await ledger.query({ start, end, ...query });
      times.push(performance.now() - before);
    }
    figures[`report of the month, ${what}, ms`] = median(times);
  };
  await ask('in total', {});
  await ask('by customer', { groupBy: ['customer', 'attribution_source'] });
  await ask('by customer and model', { groupBy: ['customer', 'model'] });
  await ask('by day', { groupBy: ['day'] });
  await ask('by day in Berlin', { groupBy: ['day'], timeZone: 'Europe/Berlin' });
  await ask('by feature', { groupBy: ['context.feature'] });
  await ask('of one customer by model', { customer: 'customer-7', groupBy: ['model'] });
  await ask('by environment, from the events', { groupBy: ['context.environment'] });
  await ledger.shutdown();
}

try {
  const path = await hot();
  await reports(path);
  await paced('batch');
  await paced('call');
  console.log(JSON.stringify({ events: count, ...figures }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
