import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { CostSpanExporter } from '../../../../src/index.ts';
import type { App } from '../run.ts';

/** Mastra makes its spans itself and hands them to an exporter: ours goes around it. */
export const run: App['run'] = async (url, _, sink) => {
  const { Mastra } = await import('@mastra/core/mastra');
  const { Agent } = await import('@mastra/core/agent');
  const { createTool } = await import('@mastra/core/tools');
  const { Observability } = await import('@mastra/observability');
  const { OtelExporter } = await import('@mastra/otel-exporter');
  const { createOpenAI } = await import('@ai-sdk/openai');
  const { z } = await import('zod');
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' });
  const weather = createTool({
    id: 'weather',
    description: 'w',
    inputSchema: z.object({}),
    execute: async () => 'sunny',
  });
  const agent = new Agent({
    id: 'a',
    name: 'a',
    instructions: 'b',
    model: openai.chat('gpt-4o') as never,
    tools: { weather },
  });
  const exporter = new CostSpanExporter(new InMemorySpanExporter() as never, {
    sinks: [sink],
    delivery: 'sync',
  });
  const exporters = [
    new OtelExporter({ exporter: exporter as never, provider: { custom: { endpoint: url } } }),
  ];
  const mastra = new Mastra({
    agents: { agent },
    observability: new Observability({ configs: { otel: { serviceName: 's', exporters } } }) as never,
    logger: false,
  });
  await mastra.getAgent('agent').generate('hi');
  await mastra.shutdown();
  await exporter.forceFlush();
};
