import { describe, expect, test } from 'vitest';
import { readBatchLine as readGoogleBatchLine } from '../../src/wire/google-genai/batch-line.ts';
import { readBatchLine as readOpenAIBatchLine } from '../../src/wire/openai/batch-line.ts';
import { type RawReading, readRawReply } from '../../src/wire/read-reply.ts';
import { list, object } from '../../src/base/read.ts';
import {
  hasRecordings,
  parseNdjson,
  type Recording,
  recordings,
  replyOf,
  requestOf,
} from '../support/recordings.ts';

/** Recordings whose `expected_usage` is not the block that a reader reports, what it reports instead, and why. */
const EXPLAINED: Readonly<Record<string, { readonly raw: unknown; readonly because: string }>> = {
  '10ce3c045f1269d1': {
    raw: { inputTextTokenCount: 6, tokenCount: 42 },
    because: "Titan's counts stand on top of the reply; the output has one too",
  },
  '167e9baf6a46fe14': {
    raw: { inputTextTokenCount: 5 },
    because: "Titan's count stands on top of the reply",
  },
  '269bdfd023f61a27': {
    raw: {
      inputTokenCount: 30,
      outputTokenCount: 55,
      invocationLatency: 851,
      firstByteLatency: 354,
      cacheReadInputTokenCount: 0,
      cacheWriteInputTokenCount: 0,
    },
    because: 'the expected block counts guardrail units, not tokens',
  },
  '1ef3a2f4d6de3f4d': {
    raw: undefined,
    because: 'creating a batch costs nothing; its block of zeros is a running total of its lines',
  },
};

const counted = recordings().filter((recording) => recording.expected_usage !== null);
const rows = counted.map((recording) => [`${recording.file} ${recording.id}`, recording] as const);

describe.skipIf(!hasRecordings)('recorded exchanges', () => {
  test.each(rows)('reads the usage of %s as it was on the wire', (_, recording) => {
    expect(read(recording).reading.usageRaw).toEqual(expectedUsage(recording));
  });

  test.each(rows)('makes totals of %s that include their details', (_, recording) => {
    const { usage } = read(recording).reading;
    const { inputTokens = 0, outputTokens = 0, ...details } = usage ?? {};
    const ofInput = [
      details.cacheReadTokens,
      details.cacheWriteTokens,
      details.inputTextTokens,
      details.inputAudioTokens,
      details.inputImageTokens,
    ];
    const ofOutput = [details.reasoningTokens, details.outputTextTokens, details.outputAudioTokens];
    expect(Math.max(0, ...ofInput.map((tokens) => tokens ?? 0))).toBeLessThanOrEqual(inputTokens);
    expect(Math.max(0, ...ofOutput.map((tokens) => tokens ?? 0))).toBeLessThanOrEqual(outputTokens);
    if (usage?.inputTokens !== undefined && usage.outputTokens !== undefined) {
      expect(usage.totalTokens).toBe(inputTokens + outputTokens);
    }
  });

  const stating = rows.filter(([, each]) => totalOf(each) !== undefined && !countsBesideItsTotal(each));

  test.each(stating)('agrees with the total that %s states', (_, recording) => {
    expect(read(recording).reading.usage?.totalTokens).toBe(totalOf(recording));
  });

  // A batch's reply holds the replies of its lines, and only the address says so.
  const single = rows.filter(([, { endpoint }]) => endpoint !== 'batches');

  test.each(single)('reads %s alike by its address and by its shape', (_, recording) => {
    const { provider, reading } = read(recording);
    const byShape = read({ ...recording, url: '' }, provider);
    expect(byShape.reading.usage).toEqual(reading.usage);
  });

  test('leaves few of them out of these comparisons', () => {
    expect(stating.length / rows.length).toBeGreaterThan(0.7);
    expect(rows.length - single.length).toBeLessThan(10);
  });

  test('can read every usage block there is', () => {
    const faults = recordings().flatMap((recording) => {
      const { usageFault } = read(recording).reading;
      return usageFault === undefined || recording.status >= 400 ? [] : [[recording.id, usageFault]];
    });
    expect(faults).toEqual([]);
  });

  test('bills none of the exchanges that the provider refused', () => {
    const refused = recordings().filter((recording) => recording.status >= 400);
    expect(refused.length).toBeGreaterThan(20);
    expect(refused.filter((recording) => read(recording).reading.usage !== undefined)).toEqual([]);
  });
});

function expectedUsage(recording: Recording): unknown {
  if (recording.id in EXPLAINED) return EXPLAINED[recording.id]?.raw;
  // Of Ollama's streams the expected figure is one of the counts; the reader reports all of the last line.
  const isOneCount = recording.file.startsWith('ollama.api.') && typeof recording.expected_usage === 'number';
  return isOneCount
    ? expect.objectContaining({ eval_count: recording.expected_usage })
    : recording.expected_usage;
}

/** The total as it stands on the wire. */
function totalOf(recording: Recording): unknown {
  const { usageRaw } = read(recording).reading;
  return usageRaw?.total_tokens ?? usageRaw?.totalTokens ?? usageRaw?.totalTokenCount;
}

/** Two hosts leave tokens out of their own total: Grok on Azure the cached ones, Vercel's gateway Gemini's thoughts. */
function countsBesideItsTotal(recording: Recording): boolean {
  return (
    recording.flags.includes('cached_tokens>prompt_tokens') ||
    (recording.provider === 'vercel-gateway' && recording.request_model?.startsWith('google/') === true)
  );
}

function read(recording: Recording, provider?: string): RawReading {
  const { body, events } = replyOf(recording);
  return readRawReply({
    body: batchLineIn(recording, body) ?? events ?? body,
    url: recording.url,
    method: recording.method,
    headers: recording.response_headers,
    request: requestOf(recording) ?? {},
    ...(recording.url === '' ? { url: undefined as never } : {}),
    ...(provider === undefined ? {} : { provider }),
  });
}

/** A batch's results are read line by line; the expected usage is that of the last. */
function batchLineIn(recording: Recording, body: unknown): unknown {
  if (recording.file === 'openai.files' && recording.response_body_type === 'ndjson') {
    return readOpenAIBatchLine(parseNdjson(recording.response_body).at(-1))?.body;
  }
  if (recording.file !== 'google.batches') return undefined;
  const responses = object(object(object(body)?.response)?.inlinedResponses)?.inlinedResponses;
  return readGoogleBatchLine(list(responses).at(-1))?.body;
}
