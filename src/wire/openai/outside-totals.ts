import { providerNamed } from '../../providers/registry.ts';

/** What decides how a usage block is to be read, beside the block itself. */
export interface UsageDialect {
  /** Who answered: hosts that speak OpenAI's API count in their own ways. */
  readonly provider: string;
  readonly model?: string | undefined;
  /** The call has no output, so that a total alone is its input: embeddings and reranking. */
  readonly inputOnly?: boolean;
}

/** The counts of a block that tell what it leaves out of its totals. */
export interface WireCounts {
  readonly total: number | undefined;
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly reasoning: number | undefined;
  readonly audio: number | undefined;
  readonly citations: number | undefined;
}

/** Tokens that the host counts beside `prompt_tokens` and `completion_tokens` instead of inside. */
export function outsideTotals(
  { total, prompt, completion, reasoning = 0, audio = 0, citations }: WireCounts,
  { provider, model }: UsageDialect,
): { readonly input: number; readonly output: number; readonly reasoning?: number } {
  const hidden = (total ?? 0) - (prompt ?? 0) - (completion ?? 0);
  const outside = providerNamed(provider)?.countsOutside;
  if (total !== undefined && prompt !== undefined && completion !== undefined && hidden > 0) {
    // xAI's chat: prompt 165 + completion 2 + reasoning 129 = total 296.
    if (hidden === reasoning) return { input: 0, output: reasoning };
    // Mistral's audio: prompt 5 + audio 375 + completion 20 = total 400.
    if (hidden === audio) return { input: audio, output: 0 };
    if (hidden === reasoning + audio) return { input: audio, output: reasoning };
    // Gemini's OpenAI endpoint has no field for thoughts; the total holds them.
    if (outside === 'thoughts') return { input: 0, output: hidden, reasoning: hidden };
  }
  // Perplexity's deep research bills reasoning and citations beside the completion, each at its own rate.
  if (outside === 'reasoning and citations' && citations !== undefined) {
    return { input: 0, output: reasoning + citations };
  }
  // Vercel's gateway leaves Gemini's thoughts out of completion and total, and bills them: 9 in, 2 out,
  // 25 reasoning cost 9 × $0.30/M + 27 × $2.50/M = $0.0000702.
  const isLeftOut = reasoning > (completion ?? 0) || model?.startsWith('google/') === true;
  return { input: 0, output: outside === 'reasoning of google/' && isLeftOut ? reasoning : 0 };
}
