import { count, firstCount, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';

/**
 * A usage block of Converse, of Nova, or of a stream's invocation metrics. `inputTokens` excludes the cache:
 * input 3 + cache write 1,712 + output 227 = total 1,942. The same count comes under two names.
 */
export function readUsage(raw: unknown): Usage | undefined {
  const block = object(raw);
  if (block === undefined) return undefined;
  const fresh = firstCount(block.inputTokens, block.inputTokenCount);
  const output = firstCount(block.outputTokens, block.outputTokenCount);
  const read = firstCount(block.cacheReadInputTokens, block.cacheReadInputTokenCount);
  const write = firstCount(block.cacheWriteInputTokens, block.cacheWriteInputTokenCount);
  const input = fresh === undefined ? undefined : fresh + (read ?? 0) + (write ?? 0);
  const writes = writesByTtl(block.cacheDetails);
  const usage: Usage = known({
    inputTokens: input,
    cacheReadTokens: read,
    cacheWriteTokens: write,
    cacheWrite5mTokens: writes['5m'],
    cacheWrite1hTokens: writes['1h'],
    outputTokens: output,
    totalTokens: input === undefined || output === undefined ? undefined : input + output,
    webSearchRequests: positive(object(block.serverToolUsage)?.webSearchRequests),
  });
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** `[{ ttl: '1h', inputTokens: 7351 }]` */
function writesByTtl(details: unknown): Readonly<Record<string, number>> {
  const writes: Record<string, number> = {};
  for (const item of list(details)) {
    const detail = object(item);
    const ttl = text(detail?.ttl);
    const tokens = count(detail?.inputTokens);
    if (ttl !== undefined && tokens !== undefined) writes[ttl] = (writes[ttl] ?? 0) + tokens;
  }
  return writes;
}

function positive(value: unknown): number | undefined {
  const number = count(value);
  return number === 0 ? undefined : number;
}
