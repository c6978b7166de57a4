import { anthropic } from './anthropic.ts';
import { costspan } from './costspan.ts';
import type { Dialect, SpanReading } from './dialect.ts';
import { langfuse } from './langfuse.ts';
import { langsmith } from './langsmith.ts';
import { openinference } from './openinference.ts';
import { openlit } from './openlit.ts';
import { openllmetry } from './openllmetry.ts';
import { otel } from './otel.ts';
import { pydanticAi } from './pydantic-ai.ts';
import { sentry } from './sentry.ts';
import type { EndedSpan } from './span.ts';
import { vercelAi } from './vercel-ai.ts';

/** Every dialect, the most particular first: many carry the conventions' names beside their own. */
export const DIALECTS: readonly Dialect[] = [
  costspan,
  anthropic,
  vercelAi,
  openinference,
  langfuse,
  langsmith,
  sentry,
  pydanticAi,
  openlit,
  openllmetry,
  otel,
];

/** What the first dialect that knows a span makes of it; undefined for spans about something else. */
export function readSpan(span: EndedSpan): SpanReading | undefined {
  for (const dialect of DIALECTS) {
    const reading = dialect.read(span);
    if (reading !== undefined) return reading;
  }
  return undefined;
}
