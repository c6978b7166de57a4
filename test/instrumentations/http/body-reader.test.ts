import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyReader, type BodyView } from '../../../src/instrumentations/http/body-reader.ts';
import { hideUsage } from '../../../src/instrumentations/http/disguise.ts';

/** A reader, what it read of a stream, and what it read whole. */
function reading(view: Partial<BodyView> = {}): { reader: BodyReader; seen: unknown[]; whole: unknown[] } {
  const seen: unknown[] = [];
  const whole: unknown[] = [];
  const reader = new BodyReader({
    streaming: true,
    contentType: '',
    repliesInText: false,
    openStream: () => {
      seen.length = 0;
      return { read: (event) => void seen.push(event), reading: () => ({}) };
    },
    readWhole: (body) => {
      whole.push(body);
      return { responseId: 'whole' };
    },
    firstChunk: () => undefined,
    ...view,
  });
  return { reader, seen, whole };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString();

/** Shows the reader a body in pieces that end at these places; what came out. */
function pass(reader: BodyReader, body: Uint8Array, places: readonly number[] = []): Buffer {
  const ends = [...places.toSorted((a, b) => a - b), body.length];
  const shown = ends.map((end, index) => reader.see(body.slice(ends[index - 1] ?? 0, end)));
  return Buffer.concat([...shown, reader.rest()]);
}

const cuts = (body: Uint8Array): fc.Arbitrary<number[]> => fc.array(fc.nat(body.length), { maxLength: 20 });

describe('what is told by its first bytes', () => {
  const events = [{ n: 1 }, { n: 2, text: 'é }]\n' }, { n: 3 }];
  const sse = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const awsEvents = events.map((event) => ({ chunk: event }));
  test.each<[string, Uint8Array, Partial<BodyView>, unknown[]]>([
    ['server-sent events', bytes(sse), { contentType: 'text/event-stream' }, events],
    ['server-sent events under a JSON header', bytes(sse), { contentType: 'application/json' }, events],
    ['server-sent events under no header', bytes(`: hello\n\n${sse}`), {}, events],
    [
      'JSON lines',
      bytes(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
      { contentType: 'application/x-ndjson' },
      events,
    ],
    [
      'JSON lines under a JSON header',
      bytes(events.map((event) => JSON.stringify(event)).join('\n')),
      { contentType: 'application/json' },
      events,
    ],
    [
      'a JSON array',
      bytes(`[${events.map((event) => JSON.stringify(event)).join(',\r\n')}\n]`),
      { contentType: 'application/json' },
      events,
    ],
    [
      'the event stream of AWS',
      Buffer.concat(awsEvents.map(awsMessage)),
      { contentType: 'application/vnd.amazon.eventstream' },
      awsEvents,
    ],
  ])('%s, however it is cut', (_title, body, view, expected) => {
    fc.assert(
      fc.property(cuts(body), (places) => {
        const { reader, seen } = reading(view);
        expect(pass(reader, body, places)).toEqual(Buffer.from(body));
        expect(reader.ended().status).toBe('partial');
        expect(seen).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('one JSON value, also where a stream was asked for', () => {
    const { reader, whole } = reading();
    pass(reader, bytes('{\n  "id": "x"\n}'), [3]);
    expect(reader.ended()).toMatchObject({ status: 'ok', reading: { responseId: 'whole' } });
    expect(whole).toEqual([{ id: 'x' }]);
  });

  test('text that a call may answer with', () => {
    const { reader, whole } = reading({ streaming: false, repliesInText: true, contentType: 'text/plain' });
    pass(reader, bytes('Hello there'));
    expect(reader.ended().status).toBe('ok');
    expect(whole).toEqual(['Hello there']);
  });
});

test.each([
  ['an HTML page', '<html>maintenance</html>', 'text/html'],
  ['null', 'null', 'application/json'],
  ['a JSON text', '"ok"', 'application/json'],
  ['broken JSON', '{"id": "x', 'application/json'],
  ['nothing', '', 'application/json'],
])('%s is a reply that cannot be read', (_title, body, contentType) => {
  const { reader } = reading({ streaming: false, contentType });
  pass(reader, bytes(body));
  expect(reader.ended()).toMatchObject({ status: 'partial' });
  expect(reader.ended().unreadable).toContain('the reply could not be read');
});

describe('what was asked for on the application’s behalf', () => {
  const hiding = (): BodyReader =>
    reading({ contentType: 'text/event-stream', disguise: hideUsage() }).reader;
  const envelope = '"id":"c","object":"chat.completion.chunk","created":1,"model":"m"';
  const words =
    'id: 7\nevent: delta\ndata: {"id": "c", "n": 1.0, "big": 9007199254740993, "t": "caf\\u00e9 é"}\n\n';
  const withNull = `data: {${envelope}, "choices": [{"delta":{"content":"\\"usage\\":null"}}], "usage": null}\r\n\r\n`;
  const withoutNull = `data: {${envelope}, "choices": [{"delta":{"content":"\\"usage\\":null"}}]}\r\n\r\n`;
  const last = `data: {${envelope},"choices":[],"usage":{"prompt_tokens":1}}\n\n`;

  test('is cut out of the text, and every other byte stays, however the body is cut', () => {
    const body = bytes(`retry: 3000\n\n: ping\n\n${words}${withNull}${last}data: [DONE]\n\n`);
    const expected = `retry: 3000\n\n: ping\n\n${words}${withoutNull}data: [DONE]\n\n`;
    fc.assert(
      fc.property(cuts(body), (places) => {
        expect(text([pass(hiding(), body, places)])).toBe(expected);
      }),
    );
  });

  test('bytes that are no UTF-8 pass as they are', () => {
    const body = Buffer.concat([bytes('data: {"a":"'), Buffer.from([0xff, 0xfe, 0x80]), bytes('"}\n\n')]);
    expect(pass(hiding(), body)).toEqual(body);
  });

  test.each([
    ['timings of llama.cpp', '"timings":{"predicted_n":5}'],
    ['the checkpoint of Azure', '"latency_checkpoint":{"engine_ttft_ms":5}'],
  ])('goes alone where %s come with it', (_title, more) => {
    const chunk = `data: {${envelope},"choices":[],${more},"usage":{"prompt_tokens":1}}\n\n`;
    expect(text([pass(hiding(), bytes(chunk))])).toBe(`data: {${envelope},"choices":[],${more}}\n\n`);
  });

  test('goes with its chunk where the host says the same beside every chunk', () => {
    const word = `data: {${envelope},"choices":[{}],"session":"s"}\n\n`;
    const chunk = `data: {${envelope},"choices":[],"session":"s","usage":{"prompt_tokens":1}}\n\n`;
    expect(text([pass(hiding(), bytes(word + chunk))])).toBe(word);
  });
});

/** A frame with the name of its event in a header, as AWS writes it; check sums left out. */
function awsMessage(event: { readonly chunk: object }): Buffer {
  const name = ':event-type';
  const value = 'chunk';
  const header = Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7, 0, value.length]),
    Buffer.from(value),
  ]);
  const payload = Buffer.from(JSON.stringify(event.chunk));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + header.length + payload.length + 4, 0);
  prelude.writeUInt32BE(header.length, 4);
  return Buffer.concat([prelude, header, payload, Buffer.alloc(4)]);
}

describe('a body read in one go', () => {
  test('JSON lines that were parsed for the application are read as events', () => {
    const { reader, seen } = reading({ lines: true });
    expect(reader.parsed({ n: 1 })).toMatchObject({ status: 'partial' });
    expect(seen).toEqual([{ n: 1 }]);
  });

  test('a list of events, where a stream was asked for, is those events', () => {
    const { reader, seen, whole } = reading();
    reader.parsed([{ n: 1 }, undefined, { n: 2 }]);
    expect([seen, whole]).toEqual([[{ n: 1 }, { n: 2 }], []]);
    const list = reading({ streaming: false });
    list.reader.parsed([{ n: 1 }]);
    expect(list.whole).toEqual([[{ n: 1 }]]);
  });

  test('JSON that a gateway handed over as text is that JSON, and text may be all there is', () => {
    const { reader, whole } = reading({ streaming: false });
    expect(reader.parsed('{"id":"x"}').status).toBe('ok');
    const prose = reading({ streaming: false, repliesInText: true });
    expect(prose.reader.parsed('Hello').status).toBe('ok');
    expect([whole, prose.whole]).toEqual([[{ id: 'x' }], ['Hello']]);
    expect(reading({ streaming: false }).reader.parsed('Hello').status).toBe('partial');
  });

  test('text is a short cut for JSON alone, and for nothing that was begun otherwise', () => {
    const short = (text: string, view: Partial<BodyView> = {}): string | undefined =>
      reading({ streaming: false, ...view }).reader.parsedText(text)?.status;
    expect(short('{"id":"x"}')).toBe('ok');
    expect(short('[1]')).toBeUndefined();
    expect(short('{"id":')).toBeUndefined();
    expect(short('{"id":"x"}', { streaming: true })).toBeUndefined();
    expect(short('{"id":"x"}', { lines: true })).toBeUndefined();
  });

  test.each([
    ['sound', 'audio/mpeg', [0xff, 0xfb, 0x90]],
    ['a picture under a stream’s request', 'image/png', [0x89, 0x50]],
  ])('%s is no text: it was answered, and says nothing', (_what, contentType, start) => {
    const { reader, whole } = reading({ streaming: contentType === 'image/png', contentType });
    pass(reader, new Uint8Array(start));
    expect(reader.ended().status).toBe('ok');
    expect(whole).toEqual([{}]);
  });

  test('a list that was not asked for as a stream is one value', () => {
    const { reader, whole } = reading({ streaming: false });
    pass(reader, bytes('[{"n":1}]'));
    reader.ended();
    expect(whole).toEqual([[{ n: 1 }]]);
  });

  test('lines of which one is broken, or a single one, are no lines', () => {
    for (const body of ['{"n":1}\nbroken\n', '{"n":1\n']) {
      const { reader } = reading({ contentType: 'application/json' });
      pass(reader, bytes(body));
      expect(reader.ended().unreadable).toBe('the reply could not be read: no JSON (application/json)');
    }
  });

  test('blank lines between JSON lines are none', () => {
    const { reader, seen } = reading({ contentType: 'application/json' });
    pass(reader, bytes('{"n":1}\n\n{"n":2}\n'));
    reader.ended();
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('a reply larger than any that tells usage is not kept in memory', () => {
    const { reader, whole } = reading({ streaming: false, contentType: 'application/json' });
    const piece = new Uint8Array(8_000_000).fill(32);
    for (let count = 0; count < 5; count += 1) reader.see(piece);
    expect(reader.ended().status).toBe('ok');
    expect(whole).toEqual([{}]);
  });
});
