import type { Dialect } from './dialect.ts';
import { readGenAi } from './gen-ai.ts';

/**
 * OpenTelemetry's GenAI conventions, from `gen_ai.usage.prompt_tokens` of 1.26 to today: the contrib instrumentations,
 * Vercel's AI SDK 7, Mastra, and all who have no dialect of their own.
 */
export const otel: Dialect = {
  name: 'otel',
  read: (span) =>
    readGenAi(span, BESIDE.some((scope) => scope.test(span.scope.name)) ? { cached: 'beside' } : {}),
};

/** Instrumentations that write the wire's own input, which on Bedrock has the cached tokens beside it. */
const BESIDE = [/instrumentation-aws-sdk$/, /instrumentation\.botocore/];
