import { count, firstCount, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import type { Reading, ReadingContext } from '../reading.ts';
import { modelName } from './generate-content.ts';
import { readingOf } from '../usage-block.ts';
import { readUsage } from './usage.ts';

/**
 * Embeddings: `usageMetadata` where the API counts (Gemini Embedding 2), else the statistics of each vector.
 * Vertex bills its older text embedding models by character, the Gemini ones by token.
 */
export function readEmbeddings(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const raw = object(reply.usageMetadata);
  const { usage: counted, ...block } = readingOf(reply.usageMetadata, readUsage(raw));
  const isCounted = counted !== undefined || block.usageFault !== undefined;
  const usage = isCounted ? counted : statistics(reply, modelName(context.request?.model));
  return known({
    usageRaw: usage && object(reply.metadata),
    ...block,
    usage,
    serviceTier: text(raw?.serviceTier) ?? text(raw?.trafficType),
  });
}

function statistics(reply: JsonObject, model: string | undefined): Usage | undefined {
  const characters = count(object(reply.metadata)?.billableCharacterCount);
  const isByToken = model?.startsWith('gemini-') ?? characters === undefined;
  if (!isByToken && characters !== undefined) return { inputCharacters: characters };
  const vectors = [
    ...list(reply.embeddings),
    ...list(reply.predictions).map((prediction) => object(prediction)?.embeddings),
  ];
  const tokens = vectors.flatMap((vector) => {
    const numbers = object(object(vector)?.statistics);
    return firstCount(numbers?.tokenCount, numbers?.token_count) ?? [];
  });
  if (tokens.length === 0) return undefined;
  const inputTokens = tokens.reduce((sum, number) => sum + number, 0);
  return { inputTokens, totalTokens: inputTokens };
}
