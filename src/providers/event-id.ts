import { createHash, randomFillSync } from 'node:crypto';

/**
 * A new event id: UUIDv7, so that ids sort by time of minting
 * (https://www.rfc-editor.org/rfc/rfc9562#section-5.7). Ids of one millisecond are not ordered.
 */
export function newEventId(now: number = Date.now()): string {
  if (offset === POOL.length) {
    randomFillSync(POOL);
    offset = 0;
  }
  const bytes = POOL.subarray(offset, offset + 16);
  offset += 16;
  bytes.writeUIntBE(now, 0, 6);
  return format(bytes, 0x70);
}

/** Random bytes for 128 ids at a time: one system call instead of 128. */
const POOL = Buffer.alloc(16 * 128);
let offset = POOL.length;

/**
 * The one id of something several processes may see: a line of a batch's results, a background response.
 * UUIDv8 over a hash of its names (https://www.rfc-editor.org/rfc/rfc9562#section-5.8), so that whoever reads
 * it first and whoever reads it again record the same event.
 */
export function derivedEventId(...names: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['costspan', ...names]))
    .digest();
  return format(hash.subarray(0, 16), 0x80);
}

function format(bytes: Buffer, version: number): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | version;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
