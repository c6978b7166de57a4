/**
 * `node --import costspan/register app.js`: the zero-code start. Loader hooks, all instrumentations, a ledger
 * at `COSTSPAN_DB` (default `./costs.db`), budgets of `COSTSPAN_BUDGETS` (default `./costspan.budgets.yaml`, where there
 * is one) and a NodeSDK driven by the usual `OTEL_*` variables.
 *
 * Where a tracer provider is or will be registered by somebody else there is no NodeSDK of ours: calls are recorded
 * all the same, and their spans go where that provider sends them.
 */
import './base/check-node.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeSDK as NodeSDKClass } from '@opentelemetry/sdk-node';
import { diag } from './base/diag.ts';
import { fromEnvironment } from './base/environment.ts';
import { isHooksWorker } from './base/preload.ts';
import { costspanInstrumentations } from './instrumentations/all.ts';
import { SqliteLedger } from './ledger/sqlite/sqlite-ledger.ts';
import type { CostSpanProcessor } from './otel/cost-span-processor.ts';
import { stopOnSignals } from './otel/end-of-process.ts';
import { isProviderRegistered, LateSdk } from './otel/late-sdk.ts';
import { startCostspan } from './otel/start-costspan.ts';

const BUDGETS = './costspan.budgets.yaml';

if (!isHooksWorker()) start();

function start(): void {
  const path = fromEnvironment('COSTSPAN_DB') ?? './costs.db';
  const instrumentations = costspanInstrumentations();
  const { processor } = startCostspan({
    sinks: [new SqliteLedger({ path })],
    instrumentations,
    // What the environment names comes first, also where the usual file is there.
    ...(fromEnvironment('COSTSPAN_BUDGETS') === undefined && existsSync(BUDGETS) && { budgets: BUDGETS }),
  });
  if (isProviderRegistered()) {
    return diag.info(
      'costspan/register: a tracer provider is already registered; costs are recorded beside it, and spans go there.',
    );
  }
  // Loaded now, because the first call must not wait for it.
  const NodeSDK = loadNodeSdk();
  const late = new LateSdk(() => startSdk(NodeSDK, processor));
  for (const each of instrumentations) each.setTracerProvider(late);
}

function startSdk(NodeSDK: typeof NodeSDKClass | undefined, processor: CostSpanProcessor): void {
  if (NodeSDK === undefined) {
    return diag.warn(
      'costspan/register: costs are recorded, but there are no traces: npm install @opentelemetry/sdk-node',
    );
  }
  // A NodeSDK that is given span processors ignores the exporters the environment names, so it is given ours
  // only when the environment names none; the processor hears calls in either case.
  const local = { spanProcessors: [processor, NO_EXPORT], metricReaders: [], logRecordProcessors: [] };
  const sdk = new NodeSDK({ instrumentations: [], ...(namesExporter() ? {} : local) });
  sdk.start();
  process.once('beforeExit', () => void sdk.shutdown());
  stopOnSignals(() => sdk.shutdown());
}

/** Stands where an exporter would: nothing is exported, on purpose. */
const NO_EXPORT = {
  onStart: (): void => undefined,
  onEnd: (): void => undefined,
  forceFlush: (): Promise<void> => Promise.resolve(),
  shutdown: (): Promise<void> => Promise.resolve(),
};

/**
 * Of the application, which decides whether and which SDK there is; else the one beside this package. Loaded with
 * `require`, so that nothing here is asynchronous and `node --require costspan/register` works too.
 */
function loadNodeSdk(): typeof NodeSDKClass | undefined {
  const application = pathToFileURL(process.argv[1] ?? join(process.cwd(), 'index.js'));
  for (const from of [application, pathToFileURL(join(process.cwd(), 'index.js')), import.meta.url]) {
    try {
      const sdk = process.getBuiltinModule('node:module').createRequire(from)('@opentelemetry/sdk-node') as {
        NodeSDK: typeof NodeSDKClass;
      };
      return sdk.NodeSDK;
    } catch {
      // The next place is asked.
    }
  }
  return undefined;
}

/** Without a word about export there is most likely no collector: traces stay here, and costs in the ledger. */
function namesExporter(): boolean {
  return Object.keys(process.env).some(
    (name) =>
      /^OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER$|^OTEL_EXPORTER_/.test(name) &&
      fromEnvironment(name) !== undefined,
  );
}
