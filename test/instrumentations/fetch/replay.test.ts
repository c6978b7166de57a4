import { beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { meterFetch } from '../../../src/instrumentations/fetch/meter-fetch.ts';
import { boundedReading } from '../../../src/calls/bounded.ts';
import { readRawReply } from '../../../src/wire/read-reply.ts';
import { HeardCalls } from '../../support/heard-calls.ts';
import { recordedReply } from '../../support/recorded-reply.ts';
import { hasRecordings, type Recording, recordings, replyOf, requestOf } from '../../support/recordings.ts';

// Every recorded exchange that was sent whole, through a metered `fetch`: what the net hears equals what the reader
// finds in the recorded reply, and the application reads the provider's bytes.

/** Own hosts of the recorders stand as placeholders; the net is told who answers there. */
const PROVIDERS = {
  'recorded.internal': 'self_hosted',
  localhost: 'self_hosted',
  '127.0.0.1': 'self_hosted',
};

const urlOf = ({ url }: Recording): string => url.replace(/^<\w+>/, 'http://recorded.internal/v1');

/** Bodies that a recorder kept compressed or cut off cannot be sent again. */
const isWhole = ({ response_body_type: type }: Recording): boolean =>
  ['json', 'sse', 'ndjson', 'aws-eventstream-base64'].includes(type);

const replayed = recordings().filter(
  (each) => isWhole(each) && each.method === 'POST' && each.status < 400 && each.expected_usage !== null,
);

describe.skipIf(!hasRecordings)('a recorded exchange, sent again through a metered fetch', () => {
  let heard: HeardCalls;
  beforeEach(() => {
    heard = new HeardCalls();
    return () => heard[Symbol.dispose]();
  });

  test('is one of many, of every wire', () => {
    expect(replayed.length).toBeGreaterThan(600);
    expect(new Set(replayed.map(({ provider }) => provider)).size).toBeGreaterThan(20);
  });

  test.each(replayed.map((recording) => [`${recording.file} ${recording.id}`, recording] as const))(
    '%s is billed as its reply says',
    async (_title, recording) => {
      const url = urlOf(recording);
      const { body, events } = replyOf(recording);
      const expected = readRawReply({
        body: events ?? body,
        url,
        method: 'POST',
        headers: recording.response_headers,
        request: requestOf(recording) ?? {},
      });
      const metered = meterFetch(() => Promise.resolve(recordedReply(recording)), { providers: PROVIDERS });
      const request = { ...requestOf(recording), ...(recording.stream ? { stream: true } : {}) };
      const bytes = await withCustomer('acme', async () => {
        const reply = await metered(url, { method: 'POST', body: JSON.stringify(request) });
        return new Uint8Array(await reply.arrayBuffer());
      });
      expect(bytes.length).toBeGreaterThan(0);
      if (expected.reading.usage === undefined) return expect(heard.calls.length).toBeLessThanOrEqual(1);
      const call = await heard.only();
      // Prose of the provider's (Cohere's warnings) is left out of what is kept.
      expect(call.reading.usageRaw).toEqual(boundedReading(expected.reading).usageRaw);
      expect(call.usage).toEqual(expected.reading.usage);
      return expect(call.attribution.customer).toBe('acme');
    },
  );
});
