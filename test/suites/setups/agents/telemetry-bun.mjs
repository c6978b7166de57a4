import OpenAI from 'openai';
import { CostSpanProcessor, OpenAIInstrumentation } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

// Bun has no loader hooks.
new OpenAIInstrumentation().manuallyInstrument(OpenAI);
new CostSpanProcessor({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] });
