import { type Attributes, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

export const CHAT: Attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
};
/** 1000 × 2.5 + 100 × 10, per million. */
export const CHAT_COST = '0.0035';

/** Spans as another process would make them, with the SDK's own exporters' encoding. */
export class Sender {
  readonly #exporter = new InMemorySpanExporter();
  readonly #provider: TracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.#exporter })],
  });

  span(attributes: Attributes = CHAT, scope = '@vendor/instrumentation-openai', parent?: Span): Span {
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#provider
      .getTracer(scope, '1.0.0')
      .startSpan('chat', { kind: SpanKind.CLIENT, attributes }, context);
    return span;
  }

  /** The finished spans, taken. */
  take(): ReadableSpan[] {
    const spans = this.#exporter.getFinishedSpans();
    this.#exporter.reset();
    return spans;
  }

  protobuf(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(ProtobufTraceSerializer.serializeRequest(this.take()) ?? []);
  }

  json(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(JsonTraceSerializer.serializeRequest(this.take()) ?? []);
  }
}

/** `count` calls, as the body of a request. */
export function protobufCalls(count: number, attributes: Attributes = CHAT): Uint8Array<ArrayBuffer> {
  const sender = new Sender();
  for (let index = 0; index < count; index++) sender.span(attributes).end();
  return sender.protobuf();
}

export function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
  path = '/v1/traces',
): Request {
  return new Request(`http://localhost${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-protobuf', ...headers },
  });
}
