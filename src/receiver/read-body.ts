import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Why a body cannot be read, as an HTTP status and in words for whoever sent it. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * The bytes of a request, unpacked. Neither what comes nor what it unpacks to is ever held beyond `maxBytes`.
 *
 * @throws {BodyError} 413 when it is larger, 415 for another encoding than gzip, 400 when it is damaged.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new BodyError(
      415,
      `content-encoding '${encoding.slice(0, 40)}' is not supported; use gzip or none.`,
    );
  const bytes = await collected(request, maxBytes);
  return encoding === 'gzip' ? await unpacked(bytes, maxBytes) : bytes;
}

async function collected(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BodyError) throw error;
    throw new BodyError(400, 'the body ended before it was complete.');
  }
  return Buffer.concat(chunks);
}

async function unpacked(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(maxBytes);
    throw new BodyError(400, 'the body is no gzip.');
  }
}

function tooLarge(maxBytes: number): BodyError {
  return new BodyError(
    413,
    `the body is larger than ${maxBytes} bytes, packed or unpacked; send fewer spans at once.`,
  );
}
