import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import type { Client } from './workloads.ts';

type Load = (name: string) => never;
type Instrument = new (options?: object) => never;

/** What observes the calls of one variant. */
export interface Observers {
  readonly instrumentations?: NodeSDKConfiguration['instrumentations'];
  readonly spanProcessors?: NodeSDKConfiguration['spanProcessors'];
  /** For wrappers: the client that the application uses instead. */
  readonly wrap?: (client: Client) => Client;
  /** What the application runs each call in. */
  readonly around?: <T>(call: () => T) => T;
}

export interface Variant {
  readonly name: string;
  /** The folder in `peers` whose SDKs it is measured on. */
  readonly peer: string;
  /** Absent: the bare SDK. */
  readonly observe?: (load: Load) => Observers;
}

const named =
  (module: string, name: string) =>
  (load: Load): Observers => {
    const Instrumentation = (load(module) as Record<string, Instrument>)[name];
    return Instrumentation === undefined ? {} : { instrumentations: [new Instrumentation()] };
  };

/** Costspan as it is installed: the build of a checkout, by default of this one. */
function costspan(checkout: string, ledger?: object, budgets?: (budget: Instrument) => unknown[]) {
  return (): Observers => {
    const load = createRequire(import.meta.url);
    const main = load(join(checkout, 'dist/index.cjs')) as typeof import('../src/index.ts');
    const instrumentations = [new main.OpenAIInstrumentation(), new main.AnthropicInstrumentation()];
    const around = <T>(call: () => T): T => main.withCustomer('acme', { feature: 'chat' }, call);
    if (ledger === undefined) return { instrumentations, around };
    const { SqliteLedger } = load(join(checkout, 'dist/sqlite.cjs')) as typeof import('../src/sqlite.ts');
    const path = join(mkdtempSync(join(tmpdir(), 'costspan-bench-')), 'costs.db');
    const processor = new main.CostSpanProcessor({
      sinks: [new SqliteLedger({ path, ...ledger })],
      ...(budgets === undefined ? {} : { budgets: budgets(main.Budget as never) as never }),
    });
    return { instrumentations, around, spanProcessors: [processor] };
  };
}

const hold = (Budget: Instrument): unknown[] => [
  new Budget({
    id: 'bench',
    each: ['customer'],
    limit: '1000000',
    period: 'month',
    mode: 'hold',
    action: 'block',
  }),
];

/** This checkout's Costspan, and with `--against` another's beside it. */
export function variants(against?: string): readonly Variant[] {
  const other = against === undefined ? [] : ours('before: ', resolve(against));
  return [...PEERS, ...other, ...ours('', resolve(import.meta.dirname, '..'))];
}

function ours(prefix: string, checkout: string): Variant[] {
  const on = (name: string, observe: Variant['observe']): Variant => ({
    name: `${prefix}Costspan, ${name}`,
    peer: 'costspan',
    ...(observe === undefined ? {} : { observe }),
  });
  return [
    on('spans only', costspan(checkout)),
    on('ledger in batches', costspan(checkout, { durability: 'batch' })),
    on('ledger per call', costspan(checkout, { durability: 'call' })),
    on('budget held per call', costspan(checkout, { durability: 'batch' }, hold)),
  ];
}

const PEERS: readonly Variant[] = [
  { name: 'bare, for Costspan', peer: 'costspan' },
  { name: 'bare, for OpenTelemetry', peer: 'opentelemetry' },
  {
    name: 'OpenTelemetry',
    peer: 'opentelemetry',
    observe: named('@opentelemetry/instrumentation-openai', 'OpenAIInstrumentation'),
  },
  { name: 'bare, for OpenLLMetry', peer: 'openllmetry' },
  {
    name: 'OpenLLMetry',
    peer: 'openllmetry',
    observe: named('@traceloop/instrumentation-openai', 'OpenAIInstrumentation'),
  },
  { name: 'bare, for OpenInference', peer: 'openinference' },
  {
    name: 'OpenInference',
    peer: 'openinference',
    observe: named('@arizeai/openinference-instrumentation-openai', 'OpenAIInstrumentation'),
  },
  { name: 'bare, for Langfuse', peer: 'langfuse' },
  {
    name: 'Langfuse',
    peer: 'langfuse',
    observe: (load) => ({
      wrap: (load('@langfuse/openai') as { readonly observeOpenAI: (client: Client) => Client })
        .observeOpenAI,
    }),
  },
];
