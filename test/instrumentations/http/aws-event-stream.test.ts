import { describe, expect, test } from 'vitest';
import { AwsMessages } from '../../../src/instrumentations/http/aws-event-stream.ts';

/** A header: its name, the type of its value, and the value's bytes as they lie in the message. */
function header(name: string, type: number, value: Uint8Array): Buffer {
  const isSized = type === 6 || type === 7;
  const size = Buffer.alloc(isSized ? 2 : 0);
  if (isSized) size.writeUInt16BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), size, value]);
}

/** A message as it travels; nobody looks at its check sums. */
function message(headers: Buffer, payload: string): Buffer {
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + headers.length + body.length + 4);
  prelude.writeUInt32BE(headers.length, 4);
  return Buffer.concat([prelude, headers, body, Buffer.alloc(4)]);
}

const text = (name: string, value: string): Buffer => header(name, 7, Buffer.from(value));

describe('a message of the event stream of AWS', () => {
  test('is named by its event, or by its exception', () => {
    const pieces = [
      message(text(':event-type', 'metadata'), '{"usage":{"inputTokens":3}}'),
      message(text(':exception-type', 'throttlingException'), '{"message":"slow down"}'),
    ];
    expect(new AwsMessages().push(Buffer.concat(pieces))).toEqual([
      { metadata: { usage: { inputTokens: 3 } } },
      { throttlingException: { message: 'slow down' } },
    ]);
  });

  test('without a name is its payload, and one that wraps the model’s own JSON is that JSON', () => {
    const wrapped = JSON.stringify({ bytes: Buffer.from('{"outputTextCount":1}').toString('base64') });
    const messages = new AwsMessages();
    expect(messages.push(message(Buffer.alloc(0), '{"a":1}'))).toEqual([{ a: 1 }]);
    expect(messages.push(message(text(':event-type', 'chunk'), wrapped))).toEqual([{ outputTextCount: 1 }]);
  });

  test('may carry headers of every type; those that are no text are passed over', () => {
    const sizes = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
    const headers = sizes.map((size, type) => header(`h${type}`, type, Buffer.alloc(size ?? 5)));
    const named = Buffer.concat([...headers, text(':event-type', 'chunk')]);
    expect(new AwsMessages().push(message(named, '{"a":1}'))).toEqual([{ chunk: { a: 1 } }]);
  });

  test('may say nothing that is JSON', () => {
    expect(new AwsMessages().push(message(Buffer.alloc(0), 'no JSON'))).toEqual([]);
  });

  test('that is broken is lost alone', () => {
    // A header whose name is longer than the message.
    const broken = message(Buffer.from([200, 1]), '');
    const good = message(text(':event-type', 'chunk'), '{"a":1}');
    expect(new AwsMessages().push(Buffer.concat([good, broken, good]))).toEqual([
      { chunk: { a: 1 } },
      { chunk: { a: 1 } },
    ]);
  });
});

test.each([
  ['an HTML page', Buffer.from('<html><body>maintenance</body></html>')],
  ['a message that is too short to be one', Buffer.alloc(40)],
])('%s is no event stream, and nothing of it is kept', (_what, bytes) => {
  const messages = new AwsMessages();
  expect(messages.push(bytes)).toEqual([]);
  expect(messages.push(message(text(':event-type', 'chunk'), '{"a":1}'))).toEqual([{ chunk: { a: 1 } }]);
});
