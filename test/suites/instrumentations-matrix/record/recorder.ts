import { writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Provider } from '../provider.ts';

/** Runs real instrumentations against the loopback provider and writes what they emit beside what was billed. */
export class Recorder {
  readonly provider: Provider;
  readonly tracerProvider: BasicTracerProvider;
  readonly #exporter = new InMemorySpanExporter();

  private constructor(provider: Provider) {
    this.provider = provider;
    this.tracerProvider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
    });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CBaggagePropagator());
    trace.setGlobalTracerProvider(this.tracerProvider);
  }

  static async start(): Promise<Recorder> {
    return new Recorder(await Provider.start());
  }

  /** `packages` are those whose versions decide what the spans say. */
  async write(name: string, packages: readonly string[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await this.tracerProvider.forceFlush();
    const spans = this.#exporter.getFinishedSpans();
    const bytes = JsonTraceSerializer.serializeRequest(spans);
    const otlp = JSON.parse(new TextDecoder().decode(bytes)) as { resourceSpans: { resource?: unknown }[] };
    for (const each of otlp.resourceSpans) delete each.resource;
    const versions = Object.fromEntries(packages.map((each) => [each, versionOf(each)]));
    const recording = { versions, billed: this.provider.billed, otlp };
    const path = new URL(`../../../dialects/recorded/${name}.json`, import.meta.url);
    writeFileSync(path, `${JSON.stringify(recording, null, 1)}\n`);
    console.log(`${name}: ${spans.length} spans, ${this.provider.billed.length} calls`);
    this.provider.close();
  }
}

function versionOf(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
