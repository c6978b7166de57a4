import protobuf from 'protobufjs/light.js';

/**
 * The messages of OTLP's trace service, as protobuf and as JSON. The definitions are those of
 * https://github.com/open-telemetry/opentelemetry-proto (v1), as far as a cost can depend on them: what is not listed
 * (links, dropped counts, flags) is skipped. `@opentelemetry/otlp-transformer` only encodes requests (0.301).
 */
export interface OtlpCodec {
  /** The request as an object; throws when the bytes are none. */
  readonly decodeRequest: (body: Uint8Array) => unknown;
  readonly encodeResponse: (response: ExportResponse) => Uint8Array;
  /** The body of an answer that refuses: `google.rpc.Status`. */
  readonly encodeStatus: (status: RpcStatus) => Uint8Array;
}

export interface ExportResponse {
  readonly partialSuccess?: { readonly rejectedSpans: number; readonly errorMessage: string };
}

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
}

type Field = readonly [number: number, type: string, rule?: 'repeated'];

const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ExportTraceServiceRequest: { resourceSpans: [1, 'ResourceSpans', 'repeated'] },
  ExportTraceServiceResponse: { partialSuccess: [1, 'ExportTracePartialSuccess'] },
  ExportTracePartialSuccess: { rejectedSpans: [1, 'int64'], errorMessage: [2, 'string'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans', 'repeated'] },
  ScopeSpans: { scope: [1, 'InstrumentationScope'], spans: [2, 'Span', 'repeated'] },
  Resource: { attributes: [1, 'KeyValue', 'repeated'] },
  InstrumentationScope: { name: [1, 'string'], version: [2, 'string'] },
  Span: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    events: [11, 'Event', 'repeated'],
    status: [15, 'SpanStatus'],
  },
  Event: { name: [2, 'string'], attributes: [3, 'KeyValue', 'repeated'] },
  SpanStatus: { code: [3, 'int32'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
    kvlistValue: [6, 'KeyValueList'],
  },
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] },
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] },
  RpcStatus: { code: [1, 'int32'], message: [2, 'string'] },
};

/** Compiled once, when the first request comes. */
function compiledTypes(): (name: string) => protobuf.Type {
  const nested = Object.entries(MESSAGES).map(
    ([name, fields]) =>
      [
        name,
        {
          // Without it a value of 0, false or '' would count as not sent.
          ...(name === 'AnyValue' ? { oneofs: { value: { oneof: Object.keys(fields) } } } : {}),
          fields: Object.fromEntries(
            Object.entries(fields).map(([field, [id, type, rule]]) => [
              field,
              rule === undefined ? { id, type } : { id, type, rule },
            ]),
          ),
        },
      ] as const,
  );
  const root = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) });
  return (name) => root.lookupType(name);
}

export const protobufCodec: OtlpCodec = lazyCodec(() => {
  const type = compiledTypes();
  const [request, response, status] = [
    type('ExportTraceServiceRequest'),
    type('ExportTraceServiceResponse'),
    type('RpcStatus'),
  ];
  return {
    decodeRequest: (body) => request.decode(body),
    encodeResponse: (given) => response.encode(response.fromObject(given)).finish(),
    encodeStatus: (given) => status.encode(status.fromObject(given)).finish(),
  };
});

export const jsonCodec: OtlpCodec = {
  decodeRequest: (body) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown,
  encodeResponse: (response) => new TextEncoder().encode(JSON.stringify(response)),
  encodeStatus: (status) => new TextEncoder().encode(JSON.stringify(status)),
};

function lazyCodec(create: () => OtlpCodec): OtlpCodec {
  let codec: OtlpCodec | undefined;
  const get = (): OtlpCodec => (codec ??= create());
  return {
    decodeRequest: (body) => get().decodeRequest(body),
    encodeResponse: (response) => get().encodeResponse(response),
    encodeStatus: (status) => get().encodeStatus(status),
  };
}
