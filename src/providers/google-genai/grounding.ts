import type { Usage } from '../../usage/usage.ts';

/**
 * Grounding with Google Search: up to Gemini 2.5 a grounded prompt is billed once however many searches it took,
 * from Gemini 3 on each search is billed (https://ai.google.dev/gemini-api/docs/pricing).
 */
export function groundingUsage(queries: number, model: string | undefined): Usage {
  if (queries === 0) return {};
  const generation = Number(/gemini-(\d+)/.exec(model ?? '')?.[1] ?? Number.NaN);
  return generation < 3 ? { groundedPrompts: 1 } : { searchQueries: queries };
}
