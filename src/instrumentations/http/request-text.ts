import { known } from '../../base/read.ts';

/** The body of a request, as far as it can be read without taking it from whoever sends it. */
export interface RequestBody {
  /** The text that is sent; absent for a form, and for what cannot be read before it is sent. */
  readonly text?: string;
  readonly form?: FormData;
  /** The text, once the body has been sent. */
  readonly later?: Promise<string | undefined>;
  /** What is sent in place of a stream that is read in passing. */
  readonly body?: ReadableStream;
}

/** Bodies beyond this are not read: a prompt of many megabytes is a file, and says nothing of the model. */
const MAX_BYTES = 16_000_000;

/**
 * Reads a request's body. Text and bytes are there at once; a `Request` and a `Blob` are read from a copy; of a stream
 * the pieces are seen as they pass.
 */
export function readRequestBody(
  input: unknown,
  init: RequestInit | undefined,
): RequestBody | Promise<RequestBody> {
  const body: unknown = init?.body;
  if (body === undefined || body === null) {
    return input instanceof Request && input.body !== null ? readRequest(input) : {};
  }
  if (typeof body === 'string') return { text: body };
  if (body instanceof FormData) return { form: body };
  if (body instanceof URLSearchParams) return { text: body.toString() };
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return known({ text: decoded(body) });
  if (body instanceof Blob) return readBlob(body);
  if (body instanceof ReadableStream && !body.locked) return readInPassing(body);
  return {};
}

async function readRequest(request: Request): Promise<RequestBody> {
  const length = Number(request.headers.get('content-length') ?? 0);
  const type = request.headers.get('content-type') ?? '';
  if (request.bodyUsed || length > MAX_BYTES) return {};
  const copy = request.clone();
  return type.includes('multipart/form-data') ? { form: await copy.formData() } : { text: await copy.text() };
}

async function readBlob(blob: Blob): Promise<RequestBody> {
  return blob.size > MAX_BYTES ? {} : { text: await blob.text() };
}

function readInPassing(stream: ReadableStream): RequestBody {
  const [body, copy] = stream.tee();
  return { body, later: textOf(copy) };
}

async function textOf(stream: ReadableStream): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const piece of stream) {
      text += typeof piece === 'string' ? piece : decoder.decode(piece as Uint8Array, { stream: true });
      if (text.length > MAX_BYTES) return undefined;
    }
    return text;
  } catch {
    return undefined;
  }
}

function decoded(bytes: ArrayBuffer | ArrayBufferView): string | undefined {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.length > MAX_BYTES ? undefined : new TextDecoder().decode(view);
}
