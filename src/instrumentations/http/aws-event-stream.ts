import { attempt } from '../../base/attempt.ts';
import { jsonValue, object, text } from '../../base/read.ts';

/**
 * The messages of an `application/vnd.amazon.eventstream` body: length-prefixed frames with headers, in which
 * Bedrock's events travel (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html). Check
 * sums are the SDK's to verify.
 */
export class AwsMessages {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The events this piece completes. `ConverseStream` names an event in a header: it comes as `{ [name]: payload }`.
   * `InvokeModelWithResponseStream` wraps the model's own JSON in `bytes`: it comes unwrapped.
   */
  push(piece: Uint8Array): unknown[] {
    // A copy: the memory of what is passed on is handed on with it.
    this.#rest = Buffer.concat([this.#rest, piece]);
    const events: unknown[] = [];
    while (this.#rest.length >= PRELUDE) {
      const length = this.#rest.readUInt32BE(0);
      // What has no such prelude is no event stream; nothing of it is kept.
      if (length < PRELUDE + CHECKSUM || length > MAX_MESSAGE) {
        this.#rest = Buffer.alloc(0);
        break;
      }
      if (this.#rest.length < length) break;
      const message = this.#rest.subarray(0, length);
      // Before it is read: a message that cannot be read is lost alone.
      this.#rest = this.#rest.subarray(length);
      const event = attempt('read a message', () => eventOf(message));
      if (event !== undefined) events.push(event);
    }
    return events;
  }
}

/** Total length, length of the headers, and their check sum. */
const PRELUDE = 12;
const CHECKSUM = 4;
/** AWS allows 24 MB. */
const MAX_MESSAGE = 25_000_000;

function eventOf(message: Buffer): unknown {
  const headersEnd = PRELUDE + message.readUInt32BE(4);
  const payload = jsonValue(message.subarray(headersEnd, message.length - CHECKSUM).toString());
  const headers = headersOf(message.subarray(PRELUDE, headersEnd));
  const name = headers[':event-type'] ?? headers[':exception-type'];
  const bytes = text(object(payload)?.bytes);
  if (bytes !== undefined) return jsonValue(Buffer.from(bytes, 'base64').toString());
  return name === undefined ? payload : { [name]: payload };
}

/** The headers whose value is text (type 7); the others are passed over. */
function headersOf(bytes: Buffer): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    const isSized = type === 6 || type === 7;
    const start = nameEnd + (isSized ? 3 : 1);
    const end = start + (isSized ? bytes.readUInt16BE(nameEnd + 1) : (FIXED_SIZES[type] ?? 0));
    if (type === 7) headers[name] = bytes.toString('utf8', start, end);
    at = end;
  }
  return headers;
}

/** Booleans, integers of one to eight bytes, a timestamp, a UUID. */
const FIXED_SIZES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
