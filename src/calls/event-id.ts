import { createHash, randomBytes } from 'node:crypto';

/**
 * A new event id: UUIDv7, so that ids sort by time of minting
 * (https://www.rfc-editor.org/rfc/rfc9562#section-5.7). Ids of one millisecond are not ordered.
 */
export function newEventId(now: number = Date.now()): string {
  if (offset === pool.length) {
    pool = randomBytes(128 * 10).toString('hex');
    offset = 0;
  }
  const random = pool.slice(offset, offset + RANDOM);
  offset += RANDOM;
  const time = now.toString(16).padStart(12, '0');
  const variant = VARIANTS[Number.parseInt(random.slice(3, 4), 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
}

/** Random digits for 128 ids at a time: one system call instead of 128. */
let pool = '';
let offset = 0;
/** Hexadecimal digits taken for one id. */
const RANDOM = 20;
const VARIANTS = ['8', '9', 'a', 'b'];

/**
 * The one id of something several processes may see: a line of a batch's results, a background response.
 * UUIDv8 over a hash of its names (https://www.rfc-editor.org/rfc/rfc9562#section-5.8), so that whoever reads
 * it first and whoever reads it again record the same event.
 */
export function derivedEventId(...names: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['costspan', ...names]))
    .digest();
  const bytes = hash.subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
