import { OpenAIInstrumentation, ProviderFetchInstrumentation, startCostspan } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

// The net knows the providers' own hosts; this test's provider is on loopback.
const { host } = new URL(process.env.OPENAI_BASE_URL);
startCostspan({
  sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })],
  instrumentations: [
    new OpenAIInstrumentation({ providers: { [host]: 'openai' } }),
    new ProviderFetchInstrumentation({ providers: { [host]: 'openai' } }),
  ],
});
