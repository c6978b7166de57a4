import { count, firstCount, type JsonObject, known, list, object, text } from '../../usage/read.ts';
import type { Usage, UsageIteration } from '../../usage/usage.ts';

/**
 * A usage block of Anthropic's Messages API. On this wire `input_tokens` excludes the cache:
 * input 10 + cache read 90 + cache write 5 is 105 tokens of input.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const fresh = count(block['input_tokens']);
  const read = count(block['cache_read_input_tokens']);
  const split = object(block['cache_creation']) ?? {};
  const write5m = count(split['ephemeral_5m_input_tokens']);
  const write1h = count(split['ephemeral_1h_input_tokens']);
  // The split may say less than the total (web search: 10,345 against 0 + 0); both are kept as they are.
  const write = firstCount(block['cache_creation_input_tokens'], sum(write5m, write1h));
  const input = fresh === undefined ? undefined : fresh + (read ?? 0) + (write ?? 0);
  const output = count(block['output_tokens']);
  const tools = object(block['server_tool_use']) ?? {};
  const usage: Usage = known({
    inputTokens: input,
    cacheReadTokens: read,
    cacheWriteTokens: write,
    cacheWrite5mTokens: write5m,
    cacheWrite1hTokens: write1h,
    outputTokens: output,
    reasoningTokens: count(object(block['output_tokens_details'])?.['thinking_tokens']),
    totalTokens: sum(input, output),
    webSearchRequests: consumed(tools['web_search_requests']),
    webFetchRequests: consumed(tools['web_fetch_requests']),
    codeExecutionRequests: consumed(tools['code_execution_requests']),
    iterations: stepsBesideHeadline(block),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/**
 * The steps that the headline leaves out: compactions, advisors and fallbacks. When a fallback model served the
 * answer, the headline is its attempt, and what is left out are the attempts before it:
 * message (model A) 408/0, fallback_message (model B) 412/264, headline 412/264.
 */
function stepsBesideHeadline(block: JsonObject): readonly UsageIteration[] | undefined {
  const steps = list(block['iterations']).flatMap((item) => readStep(item) ?? []);
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
  const type = text(step?.['type']);
  const usage = readUsage(step);
  if (type === undefined || usage === undefined) return undefined;
  return known({ type, model: text(step?.['model']), usage }) as UsageIteration;
}

function addUpTo(block: JsonObject, steps: readonly UsageIteration[]): boolean {
  const { inputTokens, outputTokens } = readUsage({ ...block, iterations: undefined }) ?? {};
  const total = (pick: (usage: Usage) => number | undefined) =>
    steps.reduce((sum, step) => sum + (pick(step.usage) ?? 0), 0);
  return (
    total((usage) => usage.inputTokens) === inputTokens &&
    total((usage) => usage.outputTokens) === outputTokens
  );
}

function consumed(value: unknown): number | undefined {
  const number = count(value);
  return number === 0 ? undefined : number;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
