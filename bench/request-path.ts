/**
 * What the whole pipeline adds to a call in the application's process: patch, span, usage, price, event and
 * ledger, over the bare SDK. `npm run bench`
 *
 * Bare and observed rounds alternate within one run and only their ratio and difference are shown, because
 * absolute times say more about the machine than about the code. The provider is a `fetch` that answers at
 * once, so CPU is all there is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import OpenAI from 'openai';
import {
  AnthropicInstrumentation,
  CostSpanProcessor,
  OpenAIInstrumentation,
  withCustomer,
} from '../src/index.ts';
import { SqliteLedger } from '../src/ledger/sqlite.ts';
import { sseEvent } from '../test/support/provider-server.ts';
import { chatChunks, chatChunksWithUsage, chatCompletion, message } from '../test/support/wire.ts';

const ROUNDS = 30;
const CALLS = 100;
const STREAM_CHUNKS = 500;

const folder = mkdtempSync(join(tmpdir(), 'costspan-bench-'));
const nowhere: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: () => Promise.resolve(),
};
const openai = new OpenAIInstrumentation();
const anthropic = new AnthropicInstrumentation();
openai.manuallyInstrument(OpenAI);
anthropic.manuallyInstrument(Anthropic);
const sdk = new NodeSDK({
  instrumentations: [openai, anthropic],
  spanProcessors: [
    new CostSpanProcessor({
      sinks: [new SqliteLedger({ path: join(folder, 'costs.db') })],
    }),
    new BatchSpanProcessor({ exporter: nowhere }),
  ],
});
sdk.start();

const answerJson = (body: unknown) => (): Promise<Response> =>
  Promise.resolve(new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } }));
const stream = Buffer.from(
  [...Array.from({ length: STREAM_CHUNKS }, () => chatChunks[1]), ...chatChunksWithUsage.slice(-2)]
    .map(sseEvent)
    .join('') + 'data: [DONE]\n\n',
);
const answerStream = (): Promise<Response> =>
  Promise.resolve(new Response(stream, { headers: { 'content-type': 'text/event-stream' } }));

const messages = [{ role: 'user' as const, content: 'What does each of our customers cost us?' }];
const plainClient = new OpenAI({ apiKey: 'sk-bench', fetch: answerJson(chatCompletion) });
const streamClient = new OpenAI({ apiKey: 'sk-bench', fetch: answerStream });
const claudeClient = new Anthropic({ apiKey: 'sk-bench', fetch: answerJson(message), openTelemetry: false });

interface Scenario {
  readonly name: string;
  readonly unit: string;
  /** Units done in one round. */
  readonly units: number;
  run(): Promise<void>;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'openai chat, plain',
    unit: 'call',
    units: CALLS,
    run: () => times(CALLS, () => plainClient.chat.completions.create({ model: 'gpt-4o', messages })),
  },
  {
    name: 'anthropic message, plain',
    unit: 'call',
    units: CALLS,
    run: () =>
      times(CALLS, () =>
        claudeClient.messages.create({ model: 'claude-opus-4-5', max_tokens: 100, messages }),
      ),
  },
  {
    name: `openai chat, streamed (${STREAM_CHUNKS} chunks)`,
    unit: 'chunk',
    units: 10 * STREAM_CHUNKS,
    run: () =>
      times(10, async () => {
        let seen = 0;
        for await (const chunk of await streamClient.chat.completions.create({
          model: 'gpt-4o',
          messages,
          stream: true,
        })) {
          seen += chunk.choices.length;
        }
        return seen;
      }),
  },
];

for (const scenario of scenarios) {
  const cpu = { bare: [] as number[], observed: [] as number[] };
  for (let round = 0; round < ROUNDS + 3; round++) {
    for (const mode of round % 2 === 0 ? (['bare', 'observed'] as const) : (['observed', 'bare'] as const)) {
      for (const instrumentation of [openai, anthropic]) {
        if (mode === 'bare') instrumentation.disable();
        else instrumentation.enable();
      }
      const before = process.cpuUsage();
      await withCustomer('acme', { feature: 'bench' }, () => scenario.run());
      const { user, system } = process.cpuUsage(before);
      // The first rounds warm up the compiler and the price catalogue.
      if (round >= 3) cpu[mode].push((user + system) / scenario.units);
    }
  }
  const bare = median(cpu.bare);
  const observed = median(cpu.observed);
  console.log(
    `${scenario.name.padEnd(38)} bare ${bare.toFixed(2)} µs/${scenario.unit}   +${(observed - bare).toFixed(2)} µs/${scenario.unit}   ×${(observed / bare).toFixed(2)}`,
  );
}

await sdk.shutdown();
rmSync(folder, { recursive: true });

async function times(count: number, run: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await run();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
