import * as Sentry from '@sentry/node';
import { CostSpanProcessor, OpenAIInstrumentation } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

Sentry.init({
  dsn: 'http://key@127.0.0.1:9/1',
  tracesSampleRate: 1,
  openTelemetryInstrumentations: [new OpenAIInstrumentation()],
  openTelemetrySpanProcessors: [
    new CostSpanProcessor({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] }),
  ],
});
