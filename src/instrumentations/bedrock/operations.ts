import { type JsonObject, object, text } from '../../base/read.ts';
import { bedrockWire } from '../../wire/bedrock/wire.ts';
import type { Endpoint } from '../../wire/reading.ts';

/** One operation of the runtime: its row in the wire's table, and where its input and output carry what is read. */
export interface Operation {
  readonly endpoint: Endpoint;
  /** The request as it stands on the wire. */
  request(input: JsonObject): JsonObject;
  /** The reply as it stands on the wire; undefined for a stream. */
  reply?(output: JsonObject): unknown;
  /** The events, as the caller reads them. */
  stream?(output: JsonObject): unknown;
}

/** The operations that cost something, by the name of their command. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ConverseCommand: {
    endpoint: rowOf('/model/{model}/converse'),
    request: (input) => input,
    reply: (output) => output,
  },
  ConverseStreamCommand: {
    endpoint: rowOf('/model/{model}/converse-stream'),
    request: (input) => input,
    stream: (output) => output.stream,
  },
  InvokeModelCommand: {
    endpoint: rowOf('/model/{model}/invoke'),
    request: decodedRequest,
    reply: (output) => decoded(output.body),
  },
  InvokeModelWithResponseStreamCommand: {
    endpoint: rowOf('/model/{model}/invoke-with-response-stream'),
    request: decodedRequest,
    stream: (output) => output.body,
  },
  InvokeModelWithBidirectionalStreamCommand: {
    endpoint: rowOf('/model/{model}/invoke-with-bidirectional-stream'),
    // The body is a stream of the application's, and stays so.
    request: ({ modelId }) => ({ modelId }),
    stream: (output) => output.body,
  },
  StartAsyncInvokeCommand: {
    endpoint: rowOf('/async-invoke'),
    request: (input) => input,
    reply: (output) => output,
  },
  ApplyGuardrailCommand: {
    endpoint: rowOf('/guardrail/{id}/version/{version}/apply'),
    request: (input) => input,
    reply: (output) => output,
  },
};

function rowOf(path: string): Endpoint {
  const row = bedrockWire.endpoints.find((endpoint) => endpoint.path === path);
  if (row === undefined) throw new Error(`The wire of Bedrock has no row for ${path}.`);
  return row;
}

/** `InvokeModel` passes the vendor's own JSON through; the model stands beside it. */
function decodedRequest(input: JsonObject): JsonObject {
  return { ...object(decoded(input.body)), modelId: text(input.modelId) };
}

/** Bytes or text of JSON; the caller's own object is not touched. */
function decoded(body: unknown): unknown {
  try {
    if (typeof body === 'string') return JSON.parse(body);
    if (body instanceof Uint8Array) return JSON.parse(UTF8.decode(body));
  } catch {
    // Not JSON: there is nothing to be read in it.
  }
  return {};
}

const UTF8 = new TextDecoder();
