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
  const fields = object(json) ?? {};
  const parts: Uint8Array[] = [];
  for (const [name, [number, type, repeated]] of Object.entries(message)) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    for (const each of repeated === true ? list(value) : [value]) {
      const [wire, bytes] = encodeValue(type, each);
      parts.push(varint(BigInt((number << 3) | wire)), bytes);
    }
  }
  return joined(parts);
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

/** How a value lies on the wire: its wire type and its bytes. */
function encodeValue(type: Type, value: unknown): [number, Uint8Array] {
  if (type === 'bool') return [0, varint(value === true ? 1n : 0n)];
  if (type === 'int32' || type === 'int64') return [0, varint(BigInt.asUintN(64, integer(value)))];
  if (type === 'fixed64')
    return [1, fixed(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, integer(value)), true))];
  if (type === 'double') return [1, fixed(8, (view) => view.setFloat64(0, Number(value), true))];
  if (type === 'fixed32') return [5, fixed(4, (view) => view.setUint32(0, Number(value), true))];
  return [2, withLength(bytesOf(type, value))];
}

function bytesOf(type: 'string' | 'hex' | Message | (() => Message), value: unknown): Uint8Array {
  if (type === 'string') return new TextEncoder().encode(String(value));
  if (type === 'hex')
    return Uint8Array.from(String(value).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return encodeMessage(typeof type === 'function' ? type() : type, value);
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

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function integer(value: unknown): bigint {
  return typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(String(value));
}

function fixed(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

function withLength(bytes: Uint8Array): Uint8Array {
  return joined([varint(BigInt(bytes.length)), bytes]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
