import { describe, expect, test } from 'vitest';
import { StreamEvents } from '../../../src/instrumentations/http/stream-events.ts';
import { dataOf, SseBlocks } from '../../../src/instrumentations/http/sse-blocks.ts';
import { identifyHost } from '../../../src/providers/host.ts';
import type { Reading } from '../../../src/wire/reading.ts';
import { findEndpoint } from '../../../src/wire/wires.ts';
import { hasRecordings, recordings } from '../../support/recordings.ts';

const streams = recordings().filter(
  ({ response_body_type: type, response_body: body }) => type === 'sse' && !body.includes('�'),
);

/** What a stream's reader says when it is told of every event. */
describe.skipIf(!hasRecordings)('a recorded stream', () => {
  const rows = streams.map((recording) => [`${recording.file} ${recording.id}`, recording] as const);

  test.each(rows)('%s says the same when most of its events are passed over', (_title, recording) => {
    const { provider } = identifyHost(recording.url);
    const endpoint = findEndpoint(provider, recording.method, recording.url);
    const {
      outputCharacters: _,
      outputTokens: __,
      ...all
    } = reading(recording.response_body, true, endpoint);
    const {
      outputCharacters: ___,
      outputTokens: ____,
      ...selected
    } = reading(recording.response_body, false, endpoint);
    // Characters are counted for an estimate, which nobody makes where the usage came.
    expect(selected).toEqual(all);
  });
});

function reading(body: string, isEager: boolean, endpoint: ReturnType<typeof findEndpoint>): Reading {
  const events = new StreamEvents(() => endpoint?.readStream?.({ provider: 'openai' }), isEager);
  const blocks = new SseBlocks();
  const bytes = Buffer.from(body).toString('latin1');
  for (const block of [...blocks.push(bytes), blocks.rest()]) {
    const data = dataOf(block);
    if (data !== undefined) events.see(data);
  }
  events.end();
  return events.reading();
}

test('a stream that ends before its usage came is read whole, and in order', () => {
  const seen: unknown[] = [];
  const events = new StreamEvents(() => {
    seen.length = 0;
    return { read: (event) => void seen.push(event), reading: () => ({}) };
  });
  for (let n = 1; n <= 4; n++) events.see(JSON.stringify({ n }));
  expect(seen).toEqual([{ n: 1 }]);
  events.reading();
  expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  events.see('{"n":5}');
  expect(seen.at(-1)).toEqual({ n: 5 });
});

test('a stream is not kept beyond a million characters', () => {
  let count = 0;
  const events = new StreamEvents(() => {
    count = 0;
    return { read: () => void count++, reading: () => ({}) };
  });
  const data = JSON.stringify({ text: 'x'.repeat(99_990) });
  for (let n = 0; n < 9; n++) events.see(data);
  expect(count).toBe(1);
  events.see(data);
  expect(count).toBe(10);
});
