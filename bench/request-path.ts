/**
 * One variant in one fresh process: what its calls cost, workload by workload, as one line of JSON.
 * `node bench/request-path.ts '{"variant":"OpenTelemetry"}'`; `npm run bench` runs them all.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { median, type Figures } from './figures.ts';
import { type Observers, variants } from './variants.ts';
import { answer, type Client, type Workload, WORKLOADS } from './workloads.ts';

/** What a process is asked to measure. */
export interface Task {
  readonly variant: string;
  readonly against?: string;
  /** Names of workloads; default: all. */
  readonly workloads?: readonly string[];
  /** A provider on loopback, for calls that travel; otherwise `fetch` answers at once. */
  readonly server?: string;
}

type Sdk = new (options: object) => Client;

const BATCHES = 20;
const CONCURRENCY = 64;
const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const variant = variants(task.against).find(({ name }) => name === task.variant);
if (variant === undefined) throw new Error(`No variant is named '${task.variant}'.`);

const load = createRequire(join(import.meta.dirname, 'peers', variant.peer, 'package.json'));
const observers: Observers = variant.observe?.((name) => load(name) as never) ?? {};
const { instrumentations = [], spanProcessors = [], wrap } = observers;
const around = observers.around ?? (<T>(call: () => T): T => call());
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: () => Promise.resolve(),
};
const sdk = new NodeSDK({
  instrumentations,
  spanProcessors: [...spanProcessors, new BatchSpanProcessor({ exporter: nowhere })],
});
sdk.start();

const figures: Record<string, number> = {};
for (const workload of WORKLOADS) {
  const isWanted = task.workloads?.includes(workload.name) ?? true;
  const Sdk = isWanted ? found(workload.sdk) : undefined;
  if (Sdk !== undefined)
    Object.assign(figures, await (task.server === undefined ? inProcess : overHttp)(workload, Sdk));
}
console.log(JSON.stringify(figures satisfies Figures));
await sdk.shutdown();
process.exit();

/** A peer that knows one SDK has no figures for the other's. */
function found(name: string): Sdk | undefined {
  try {
    return (load(name) as { readonly default: Sdk }).default;
  } catch {
    return undefined;
  }
}

async function inProcess(workload: Workload, Sdk: Sdk): Promise<Figures> {
  const client = clientOf(Sdk, {
    // A turn of the event loop, as every real call takes.
    fetch: () => new Promise((resolve) => setImmediate(() => resolve(answer(workload)))),
  });
  const one = (): Promise<unknown> =>
    around(() => workload.call(client, () => (firstChunk ||= performance.now())));
  let firstChunk = 0;
  for (let call = 0; call < workload.warm; call++) await one();
  const allocated: number[] = [];
  const firstChunks: number[] = [];
  const size = Math.max(1, workload.calls / BATCHES / 5);
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (let left = workload.calls; left > 0; left -= size) {
    const before = process.memoryUsage().heapUsed;
    for (let call = 0; call < size; call++) {
      firstChunk = 0;
      const started = performance.now();
      await one();
      if (firstChunk > 0) firstChunks.push((firstChunk - started) * 1000);
    }
    allocated.push((process.memoryUsage().heapUsed - before) / size / 1000);
  }
  for (const processor of spanProcessors) await processor.forceFlush();
  const wall = performance.now() - start;
  return {
    [`${workload.name}: CPU µs`]: spent(cpu) / workload.calls,
    [`${workload.name}: wall µs`]: (wall * 1000) / workload.calls,
    [`${workload.name}: kB allocated`]: median(allocated),
    ...(firstChunks.length === 0 ? {} : { [`${workload.name}: first chunk µs`]: median(firstChunks) }),
  };
}

/** Many calls at a time, through real sockets. The server's CPU is not in it. */
async function overHttp(workload: Workload, Sdk: Sdk): Promise<Figures> {
  const client = clientOf(Sdk, { baseURL: `${task.server}/${encodeURIComponent(workload.name)}` });
  const run = async (calls: number): Promise<void> => {
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await around(() => workload.call(client, () => undefined));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  };
  await run(workload.warm);
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await run(workload.calls);
  for (const processor of spanProcessors) await processor.forceFlush();
  const wall = performance.now() - start;
  return {
    [`${workload.name}, HTTP: CPU µs`]: spent(cpu) / workload.calls,
    [`${workload.name}, HTTP: wall µs`]: (wall * 1000) / workload.calls,
  };
}

function clientOf(Sdk: Sdk, options: object): Client {
  const client = new Sdk({ apiKey: 'sk-bench', maxRetries: 0, ...options });
  return wrap === undefined ? client : wrap(client);
}

function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}
