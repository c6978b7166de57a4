import { count, firstCount, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';

/**
 * Gemini's `usageMetadata`. The prompt includes what was cached; thoughts stand beside the candidates and the
 * results of tools beside the prompt: prompt 32 + tool results 4,610 + candidates 25 + thoughts 37 = total 4,704.
 * A count of zero is left out on this wire.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const total = count(block.totalTokenCount);
  const prompt = firstCount(block.promptTokenCount, total === undefined ? undefined : 0);
  if (prompt === undefined) return undefined;
  const thoughts = count(block.thoughtsTokenCount);
  const toolUse = count(block.toolUsePromptTokenCount);
  // Live sessions say `response` where the rest of the API says `candidates`.
  const candidates = firstCount(block.candidatesTokenCount, block.responseTokenCount);
  const outside = outsideTotals({ total, prompt, candidates, thoughts, toolUse });
  const inputTokens = prompt + outside.input;
  const hasOutput = candidates !== undefined || thoughts !== undefined || (total ?? 0) > inputTokens;
  const outputTokens = hasOutput
    ? (candidates ?? Math.max(0, (total ?? 0) - inputTokens - outside.output)) + outside.output
    : undefined;
  const prompts = byModality(block.promptTokensDetails ?? block.promptTokenDetails);
  const tools = outside.input > 0 ? byModality(block.toolUsePromptTokensDetails) : {};
  const cached = byModality(block.cacheTokensDetails);
  const outputs = byModality(block.candidatesTokensDetails ?? block.responseTokensDetails);
  return known({
    inputTokens,
    cacheReadTokens: count(block.cachedContentTokenCount),
    inputTextTokens: plus(prompts.TEXT, tools.TEXT),
    inputAudioTokens: plus(prompts.AUDIO, tools.AUDIO),
    inputImageTokens: plus(prompts.IMAGE, tools.IMAGE),
    inputVideoTokens: plus(prompts.VIDEO, tools.VIDEO),
    cacheReadTextTokens: cached.TEXT,
    cacheReadAudioTokens: cached.AUDIO,
    cacheReadImageTokens: cached.IMAGE,
    cacheReadVideoTokens: cached.VIDEO,
    toolUseInputTokens: toolUse,
    outputTokens,
    reasoningTokens: thoughts,
    outputTextTokens: outputs.TEXT,
    outputAudioTokens: outputs.AUDIO,
    outputImageTokens: outputs.IMAGE,
    outputVideoTokens: outputs.VIDEO,
    totalTokens: outputTokens === undefined ? (total ?? inputTokens) : inputTokens + outputTokens,
  });
}

interface WireCounts {
  readonly total: number | undefined;
  readonly prompt: number;
  readonly candidates: number | undefined;
  readonly thoughts: number | undefined;
  readonly toolUse: number | undefined;
}

/** What the total shows to be counted beside prompt and candidates; some models put thoughts inside. */
function outsideTotals({ total, prompt, candidates = 0, thoughts = 0, toolUse = 0 }: WireCounts): {
  readonly input: number;
  readonly output: number;
} {
  const hidden = total === undefined ? undefined : total - prompt - candidates;
  if (hidden === 0 && candidates >= thoughts) return { input: 0, output: 0 };
  if (hidden === thoughts && thoughts !== toolUse) return { input: 0, output: thoughts };
  if (hidden === toolUse && candidates >= thoughts) return { input: toolUse, output: 0 };
  return { input: toolUse, output: thoughts };
}

type Modalities = { readonly [Modality in 'TEXT' | 'AUDIO' | 'IMAGE' | 'VIDEO']?: number };

/** `[{ modality: 'TEXT', tokenCount: 9 }]`, or the lower-case form of the Interactions API. */
export function byModality(details: unknown): Modalities {
  const counts: Record<string, number> = {};
  for (const item of list(details)) {
    const detail = object(item);
    const modality = text(detail?.modality)?.toUpperCase();
    const tokens = firstCount(detail?.tokenCount, detail?.tokens);
    if (modality !== undefined && tokens !== undefined) counts[modality] = (counts[modality] ?? 0) + tokens;
  }
  return counts;
}

function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
