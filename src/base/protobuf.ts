import { list, object } from './read.ts';

/**
 * The fields of a protobuf message by their name in the message's JSON form: number, type and, for lists, `true`.
 * 64-bit integers are decimal text there, `hex` is bytes as OTLP's JSON writes them.
 */
export type Message = { readonly [field: string]: readonly [number: number, type: Type, repeated?: true] };
type Type =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'fixed32'
  | 'fixed64'
  | 'double'
  | 'hex'
  | Message
  | (() => Message);

/**
 * The bytes of a message given in its JSON form; what the table does not name is left out. A library for it would
 * bring a version of OpenTelemetry's SDK with it, which belongs to the application.
 * https://protobuf.dev/programming-guides/encoding/
 */
export function encodeMessage(message: Message, json: unknown): Uint8Array {
  const writer = new MessageWriter();
  writer.message(message, json);
  return writer.bytes();
}

/**
 * Writes into one buffer. The length of what is nested stands before it and is known after it: one byte is left for
 * it, and what turns out longer is moved.
 */
class MessageWriter {
  #buffer = Buffer.allocUnsafe(4_096);
  #at = 0;

  message(message: Message, json: unknown): void {
    const fields = object(json);
    if (fields === undefined) return;
    for (const name in message) {
      const value = fields[name];
      const field = message[name];
      if (value === undefined || value === null || field === undefined) continue;
      const [number, type, repeated] = field;
      if (repeated === true) for (const each of list(value)) this.#field(number, type, each);
      else this.#field(number, type, value);
    }
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #field(number: number, type: Type, value: unknown): void {
    this.#room(32);
    if (type === 'bool' || type === 'int32' || type === 'int64') {
      this.#tag(number, 0);
      if (type === 'bool') this.#varint(value === true ? 1 : 0);
      else this.#integer(value);
    } else if (type === 'fixed64') {
      this.#tag(number, 1);
      this.#at = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, integer(value)), this.#at);
    } else if (type === 'double') {
      this.#tag(number, 1);
      this.#at = this.#buffer.writeDoubleLE(Number(value), this.#at);
    } else if (type === 'fixed32') {
      this.#tag(number, 5);
      this.#at = this.#buffer.writeUInt32LE(Number(value) >>> 0, this.#at);
    } else {
      this.#tag(number, 2);
      this.#withLength(type, value);
    }
  }

  #withLength(type: 'string' | 'hex' | Message | (() => Message), value: unknown): void {
    const start = this.#at + 1;
    this.#at = start;
    if (type === 'string') this.#text(String(value), 'utf8');
    else if (type === 'hex') this.#text(String(value), 'hex');
    else this.message(typeof type === 'function' ? type() : type, value);
    const length = this.#at - start;
    this.#at = start - 1;
    if (length > 127) {
      const size = Math.floor(Math.log2(length) / 7) + 1;
      this.#room(length + size);
      this.#buffer.copyWithin(start - 1 + size, start, start + length);
    }
    this.#varint(length);
    this.#at += length;
  }

  #text(text: string, encoding: 'utf8' | 'hex'): void {
    // A character of UTF-16 takes at most three bytes of UTF-8.
    this.#room(text.length * 3);
    this.#at += this.#buffer.write(text, this.#at, encoding);
  }

  #tag(number: number, wire: number): void {
    this.#varint((number << 3) | wire);
  }

  /** Negative ones as two's complement. */
  #integer(value: unknown): void {
    const whole = integer(value);
    if (whole >= 0n && whole <= Number.MAX_SAFE_INTEGER) return this.#varint(Number(whole));
    let rest = BigInt.asUintN(64, whole);
    for (; rest > 127n; rest >>= 7n) this.#buffer[this.#at++] = Number(rest & 127n) | 128;
    this.#buffer[this.#at++] = Number(rest);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#buffer[this.#at++] = (rest % 128) | 128;
    this.#buffer[this.#at++] = rest;
  }

  /** So many bytes, and a length before them. */
  #room(size: number): void {
    const needed = this.#at + size + 32;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function integer(value: unknown): bigint {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(String(value));
}

/** The JSON form of a message. Unknown fields are skipped; `undefined` when the bytes are none. */
export function decodeMessage(message: Message, bytes: Uint8Array): Record<string, unknown> | undefined {
  const names = new Map(Object.entries(message).map(([name, field]) => [field[0], { name, field }]));
  const json: Record<string, unknown> = {};
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (let at = 0; at < bytes.length;) {
      const [tag, start] = readVarint(bytes, at);
      const [value, end] = readValue(view, Number(tag & 7n), start);
      at = end;
      const known = names.get(Number(tag >> 3n));
      if (known === undefined) continue;
      const { name, field } = known;
      const decoded = decodeValue(field[1], value);
      if (field[2] === true) json[name] = [...list(json[name]), decoded];
      else json[name] = decoded;
    }
    return json;
  } catch {
    return undefined;
  }
}

function decodeValue(type: Type, value: bigint | Uint8Array | DataView): unknown {
  if (typeof value === 'bigint') {
    if (type === 'bool') return value !== 0n;
    return type === 'int32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value).toString();
  }
  if (value instanceof DataView) {
    if (type === 'double') return value.getFloat64(0, true);
    return type === 'fixed32' ? value.getUint32(0, true) : value.getBigUint64(0, true).toString();
  }
  if (type === 'string') return new TextDecoder().decode(value);
  if (type === 'hex') return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (typeof type === 'string') throw new TypeError('another wire type was expected');
  return decodeMessage(typeof type === 'function' ? type() : type, value);
}

function readValue(view: DataView, wire: number, at: number): [bigint | Uint8Array | DataView, number] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  if (wire === 0) return readVarint(bytes, at);
  if (wire === 1 || wire === 5) {
    const size = wire === 1 ? 8 : 4;
    return [new DataView(view.buffer, view.byteOffset + at, size), at + size];
  }
  if (wire !== 2) throw new TypeError(`wire type ${wire} is not in use`);
  const [length, start] = readVarint(bytes, at);
  const end = start + Number(length);
  if (end > bytes.length) throw new RangeError('the message ends too early');
  return [bytes.subarray(start, end), end];
}

function readVarint(bytes: Uint8Array, start: number): [bigint, number] {
  let value = 0n;
  for (let at = start; at < start + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= BigInt(byte & 127) << BigInt(7 * (at - start));
    if (byte < 128) return [value, at + 1];
  }
  throw new RangeError('the message ends too early');
}
