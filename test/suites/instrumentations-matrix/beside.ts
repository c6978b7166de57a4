import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** The application's own copy of the SDK, and the one that LlamaIndex brings. */
async function openaiCopies(): Promise<readonly { readonly default: unknown }[]> {
  const nested = './node_modules/@llamaindex/openai/node_modules/openai/index.mjs';
  return [await import('openai'), (await import(nested)) as { readonly default: unknown }];
}

/** What others bring: each is set up by hand, as its documentation says for bundles, and returns its callbacks. */
export const besides: Readonly<
  Record<
    string,
    (tracerProvider: TracerProvider, meterProvider: MeterProvider) => Promise<readonly unknown[]>
  >
> = {
  none: async () => [],
  openllmetry: async (tracerProvider) => {
    const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai');
    const { LangChainInstrumentation } = await import('@traceloop/instrumentation-langchain');
    const openai = new OpenAIInstrumentation();
    openai.setTracerProvider(tracerProvider);
    for (const copy of await openaiCopies()) openai.manuallyInstrument(copy.default as never);
    const langchain = new LangChainInstrumentation();
    langchain.setTracerProvider(tracerProvider);
    langchain.manuallyInstrument({
      callbackManagerModule: await import('@langchain/core/callbacks/manager'),
    } as never);
    return [];
  },
  openinference: async (tracerProvider) => {
    const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai');
    const { AnthropicInstrumentation } = await import('@arizeai/openinference-instrumentation-anthropic');
    const { LangChainInstrumentation } = await import('@arizeai/openinference-instrumentation-langchain');
    const openai = new OpenAIInstrumentation({ tracerProvider } as never);
    for (const copy of await openaiCopies()) openai.manuallyInstrument(copy.default as never);
    new AnthropicInstrumentation({ tracerProvider } as never).manuallyInstrument(
      (await import('@anthropic-ai/sdk')).default as never,
    );
    new LangChainInstrumentation({ tracerProvider } as never).manuallyInstrument(
      (await import('@langchain/core/callbacks/manager')) as never,
    );
    return [];
  },
  contrib: async (tracerProvider, meterProvider) => {
    const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai');
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(tracerProvider);
    instrumentation.setMeterProvider(meterProvider);
    // Its own hook stops at openai 6, which is not what frameworks bring.
    for (const copy of await openaiCopies())
      for (const definition of instrumentation.getModuleDefinitions()) definition.patch?.(copy, '6.49.0');
    return [];
  },
  langfuse: async () => {
    const { CallbackHandler } = await import('@langfuse/langchain');
    return [new CallbackHandler()];
  },
};
