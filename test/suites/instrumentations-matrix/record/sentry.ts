import * as Sentry from '@sentry/node';
import OpenAI from 'openai';
import { callOpenAI } from './calls.ts';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
Sentry.init({ dsn: 'http://key@127.0.0.1:1/1', tracesSampleRate: 1, skipOpenTelemetrySetup: true } as never);
const client = (Sentry as never as { instrumentOpenAiClient: <T>(client: T) => T }).instrumentOpenAiClient(
  new OpenAI({ baseURL: `${recorder.provider.url}/v1`, apiKey: 'k' }),
);
await callOpenAI(client);
await recorder.write('sentry', ['@sentry/node', 'openai']);
process.exit(0);
