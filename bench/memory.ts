/** What stays in memory of many calls, as one line of JSON. `node --expose-gc bench/memory.ts [calls]` */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { CostSpanProcessor, OpenAIInstrumentation, withCustomer } from '../src/index.ts';
import { SqliteLedger } from '../src/sqlite.ts';
import { answer, CHAT } from './workloads.ts';

const calls = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
new OpenAIInstrumentation().manuallyInstrument(OpenAI);
const processor = new CostSpanProcessor({ sinks: [new SqliteLedger({ path: join(folder, 'costs.db') })] });
const client = new OpenAI({
  apiKey: 'sk-bench',
  fetch: () => new Promise((resolve) => setImmediate(() => resolve(answer(CHAT)))),
});
const figures: Record<string, number> = {};
for (const [part, share] of [
  ['after a tenth', 0.1],
  ['at the end', 0.9],
] as const) {
  for (let left = calls * share; left > 0; left--)
    await withCustomer('acme', { feature: 'chat' }, () => CHAT.call(client as never, () => undefined));
  await processor.forceFlush();
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, rss } = process.memoryUsage();
  figures[`MB of heap ${part}`] = heapUsed / 2 ** 20;
  figures[`MB resident ${part}`] = rss / 2 ** 20;
}
await processor.shutdown();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ calls, ...figures }));
process.exit();
