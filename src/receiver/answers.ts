import { jsonCodec, type OtlpCodec, protobufCodec } from './otlp-codec.ts';

/** One of the two ways OTLP over HTTP is written; an answer is written like its request. */
export interface Format {
  readonly contentType: string;
  readonly codec: OtlpCodec;
}

const PROTOBUF: Format = { contentType: 'application/x-protobuf', codec: protobufCodec };
const JSON_FORMAT: Format = { contentType: 'application/json', codec: jsonCodec };

/** Undefined for a content type that OTLP does not have. */
export function formatOf(request: Request): Format | undefined {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === PROTOBUF.contentType || type === 'application/protobuf') return PROTOBUF;
  return type === JSON_FORMAT.contentType ? JSON_FORMAT : undefined;
}

/** Everything was taken, or all but some spans that are none. */
export function answer({ contentType, codec }: Format, rejectedSpans: number): Response {
  const response =
    rejectedSpans === 0
      ? {}
      : {
          partialSuccess: {
            rejectedSpans,
            errorMessage: `${rejectedSpans} spans have no valid trace id, span id or start time.`,
          },
        };
  return new Response(bodyOf(codec.encodeResponse(response)), {
    status: 200,
    headers: { 'content-type': contentType },
  });
}

/** Nothing was taken. 429 and 503 are sent again by every exporter, the others are not. */
export function refuse(
  format: Format | undefined,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { contentType, codec } = format ?? JSON_FORMAT;
  return new Response(bodyOf(codec.encodeStatus({ code: RPC_CODES[status] ?? UNKNOWN, message })), {
    status,
    headers: { 'content-type': contentType, ...headers },
  });
}

/** The codes of https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto that HTTP's stand for. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  404: 5,
  405: 12,
  413: 3,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};
const UNKNOWN = 2;

/** A view of bytes that `Response` takes as it is. */
function bodyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
