import { count, firstCount, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage, UsageIteration } from '../../usage/usage.ts';
import { type Counts, fields, take, takeUsed } from '../usage-block.ts';

/**
 * A usage block of Anthropic's Messages API. On this wire `input_tokens` excludes the cache:
 * input 10 + cache read 90 + cache write 5 is 105 tokens of input.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const counts = readTotals(block);
  const iterations = block.iterations === undefined ? undefined : stepsBesideHeadline(block);
  if (iterations !== undefined) return { ...counts, iterations };
  for (const _ in counts) return counts;
  return undefined;
}

function readTotals(block: JsonObject): Counts {
  const fresh = count(block.input_tokens);
  const output = count(block.output_tokens);
  const split = object(block.cache_creation);
  const write5m = count(split?.ephemeral_5m_input_tokens);
  const write1h = count(split?.ephemeral_1h_input_tokens);
  // The split may say less than the total (web search: 10,345 against 0 + 0); both are kept as they are.
  const write = firstCount(block.cache_creation_input_tokens, sum(write5m, write1h));
  const counts: Counts = {};
  if (fresh !== undefined)
    counts.inputTokens = fresh + (count(block.cache_read_input_tokens) ?? 0) + (write ?? 0);
  take(counts, block, BLOCK_FIELDS);
  if (write !== undefined) counts.cacheWriteTokens = write;
  if (write5m !== undefined) counts.cacheWrite5mTokens = write5m;
  if (write1h !== undefined) counts.cacheWrite1hTokens = write1h;
  const thinking = count(object(block.output_tokens_details)?.thinking_tokens);
  if (thinking !== undefined) counts.reasoningTokens = thinking;
  const total = sum(counts.inputTokens, output);
  if (total !== undefined) counts.totalTokens = total;
  takeUsed(counts, block.server_tool_use, TOOL_FIELDS);
  return counts;
}

const BLOCK_FIELDS = fields({ cache_read_input_tokens: 'cacheReadTokens', output_tokens: 'outputTokens' });
const TOOL_FIELDS = fields({
  web_search_requests: 'webSearchRequests',
  web_fetch_requests: 'webFetchRequests',
  code_execution_requests: 'codeExecutionRequests',
});

/**
 * The steps that the headline leaves out: compactions, advisors and fallbacks. When a fallback model served the
 * answer, the headline is its attempt, and what is left out are the attempts before it:
 * message (model A) 408/0, fallback_message (model B) 412/264, headline 412/264.
 */
function stepsBesideHeadline(block: JsonObject): readonly UsageIteration[] | undefined {
  const steps = list(block.iterations).flatMap((item) => readStep(item) ?? []);
  const messages = steps.filter((step) => step.type === 'message');
  const fallback = steps.findLast((step) => step.type === 'fallback_message');
  const served = steps.filter(
    (step) => step === fallback || (step.type === 'message' && step.model === fallback?.model),
  );
  const isFallbackHeadline =
    fallback !== undefined &&
    !addUpTo(block, messages) &&
    (addUpTo(block, served) || addUpTo(block, [fallback]));
  const inHeadline = isFallbackHeadline ? (addUpTo(block, served) ? served : [fallback]) : messages;
  const beside = steps.filter((step) => !inHeadline.includes(step));
  return beside.length === 0 ? undefined : beside;
}

function readStep(item: unknown): UsageIteration | undefined {
  const step = object(item);
  const type = text(step?.type);
  const usage = readUsage(step);
  if (type === undefined || usage === undefined) return undefined;
  return known({ type, model: text(step?.model), usage });
}

function addUpTo(block: JsonObject, steps: readonly UsageIteration[]): boolean {
  const { inputTokens, outputTokens } = readTotals(block);
  const total = (pick: (usage: Usage) => number | undefined) =>
    steps.reduce((sum, step) => sum + (pick(step.usage) ?? 0), 0);
  return (
    total((usage) => usage.inputTokens) === inputTokens &&
    total((usage) => usage.outputTokens) === outputTokens
  );
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
