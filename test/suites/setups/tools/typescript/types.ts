// Every way in, as an application names it; compiled under each `module` setting, never run.
import {
  type CostEvent,
  type CostEventSink,
  CostSpanProcessor,
  OpenAIInstrumentation,
  withCustomer,
} from 'costspan';
import { SqliteLedger, type SqliteLedgerOptions } from 'costspan/sqlite';
import 'costspan/hooks';

interface Ids {
  feature: string;
  project?: string;
}
const options: SqliteLedgerOptions = { path: 'costs.db' };
const sink: CostEventSink = { write: (events: readonly CostEvent[]) => void events.length };
export const processor: CostSpanProcessor = new CostSpanProcessor({
  sinks: [new SqliteLedger(options), sink],
});
export const instrumentation: OpenAIInstrumentation = new OpenAIInstrumentation();
const context: Ids = { feature: 'chat' };
export const answer: Promise<number> = withCustomer('acme', context, () => Promise.resolve(1));
