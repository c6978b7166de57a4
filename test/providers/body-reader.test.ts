import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBodyReader } from '../../src/providers/stainless/body-reader.ts';
import type { PendingCall } from '../../src/providers/stainless/pending-call.ts';

const EVENTS = [{ text: 'one' }, { text: 'two\n\r' }, { text: 'x'.repeat(50) }];

/** Shows the reader a body in these pieces; what it read, and what it would have shown instead. */
function read(pieces: readonly string[]): { seen: unknown[]; shown: string } {
  const seen: unknown[] = [];
  const pending = {
    call: { firstChunk: () => undefined },
    context: () => ({ provider: 'openai' }),
    billable: {
      endpoint: {
        readStream: () => ({ read: (event: unknown) => void seen.push(event), reading: () => ({}) }),
      },
      hide: (event: unknown) => (event as { text: string }).text === 'one',
    },
  } as unknown as PendingCall;
  const response = new Response('', { headers: { 'content-type': 'text/event-stream' } });
  const reader = createBodyReader(response, pending);
  const shown = pieces.map((piece) => reader?.see(piece) ?? '').join('') + (reader?.rest() ?? '');
  return { seen, shown };
}

test.each(['\n', '\r\n'])(
  'events are read alike however the body is cut into pieces, lines ending in %j',
  (eol) => {
    const blocks = EVENTS.map((event) => `data: ${JSON.stringify(event)}${eol}${eol}`);
    const body = blocks.join('');
    const cuts = fc.array(fc.nat(body.length), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, (places) => {
        const ends = [...places.toSorted((a, b) => a - b), body.length];
        const pieces = ends.map((end, index) => body.slice(ends[index - 1] ?? 0, end));
        expect(read(pieces)).toEqual({ seen: EVENTS, shown: blocks.slice(1).join('') });
      }),
    );
    expect(read(body.split('')).seen).toEqual(EVENTS);
  },
);
