import { CostSpanProcessor, ProviderFetchInstrumentation } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

// The net alone: no SDK is patched, and none is needed.
new CostSpanProcessor({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] });
new ProviderFetchInstrumentation({ providers: { [new URL(process.env.OPENAI_BASE_URL).host]: 'openai' } });
