import { diag } from '../base/diag.ts';
import { fromEnvironment } from '../base/environment.ts';
import { list, object } from '../base/read.ts';

/**
 * Says once when a set-up exports no span because of us: NodeSDK's `spanProcessors` replaces `traceExporter`
 * and the exporters named by the environment, so that adding our processor silently switches them off
 * (sdk-node 0.57 to 0.301). Looks at the processors beside ours when the first span starts.
 */
export function checkSetUp(span: unknown, processor: object): void {
  const processors = list(object(object(span)?._spanProcessor)?._spanProcessors);
  const isAlone = processors.length === 1 && processors[0] === processor;
  if (isAlone && fromEnvironment('OTEL_TRACES_EXPORTER') !== 'none') {
    diag.warn(
      'costspan: CostSpanProcessor is the only span processor, so no span is exported: spanProcessors replaces ' +
        'traceExporter and the exporters named by OTEL_* variables. Add a new BatchSpanProcessor({ exporter }) to ' +
        'spanProcessors, or use traceExporter: new CostSpanExporter(exporter). If that is what you want, set ' +
        'OTEL_TRACES_EXPORTER=none.',
    );
  }
}
