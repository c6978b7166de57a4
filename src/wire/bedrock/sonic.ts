import { count, known, object } from '../../base/read.ts';
import { type Counts, fields, readingOf, take } from '../usage-block.ts';
import type { Reading, StreamReader } from '../reading.ts';
import type { SessionReading } from '../wire.ts';
import { decodeChunk } from './chunk.ts';

const INPUT = fields({ speechTokens: 'inputAudioTokens', textTokens: 'inputTextTokens' });
const OUTPUT = fields({ speechTokens: 'outputAudioTokens', textTokens: 'outputTextTokens' });

/** Speech to speech over a bidirectional stream (Nova Sonic): every `usageEvent` has the totals of the session so far. */
export function readSessionEvent(message: unknown): SessionReading | undefined {
  const raw = object(object(object(message)?.event)?.usageEvent);
  if (raw === undefined) return undefined;
  const totals = object(object(raw.details)?.total);
  const [inputTokens, outputTokens] = [count(raw.totalInputTokens), count(raw.totalOutputTokens)];
  const usage: Counts = {};
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  if (inputTokens !== undefined && outputTokens !== undefined) usage.totalTokens = inputTokens + outputTokens;
  take(usage, object(totals?.input) ?? {}, INPUT);
  take(usage, object(totals?.output) ?? {}, OUTPUT);
  return { operation: 'live_session', reading: { ...readingOf(raw, usage), cumulative: true } };
}

/** Follows the bidirectional stream of one session: its last totals are what it cost. */
export function createSonicStreamReader(): StreamReader {
  let latest: Reading = {};
  let errorType: string | undefined;
  return {
    read(event) {
      latest = readSessionEvent(decodeChunk(event))?.reading ?? latest;
      errorType ??= Object.keys(object(event) ?? {}).find((key) => key.endsWith('Exception'));
    },
    reading: () => known({ ...latest, errorType }),
  };
}
