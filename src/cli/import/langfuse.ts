import { known, type JsonObject } from '../../base/read.ts';
import type { ImportSource } from './imported-call.ts';
import {
  amountIn,
  contextIn,
  countIn,
  durationUntil,
  objectIn,
  required,
  textIn,
  timeOf,
} from './row-readers.ts';

/** Langfuse: exported observations, as JSON or CSV. https://langfuse.com/docs/api-and-data-platform/features/export-from-ui */
export const langfuse: ImportSource = {
  name: 'langfuse',
  title: 'Langfuse observations',
  envelope: 'data',
  matches: (row) => 'traceId' in row && 'startTime' in row,
  read: (row) => {
    const type = (textIn(row.type) ?? 'GENERATION').toUpperCase();
    if (type !== 'GENERATION' && type !== 'EMBEDDING') return undefined;
    const start = timeOf(row.startTime);
    const model = textIn(row.providedModelName) ?? textIn(row.model) ?? textIn(row.internalModelId);
    const metadata = contextIn(row.metadata) ?? {};
    const failed = row.level === 'ERROR';
    return {
      key: required(textIn(row.id), 'id'),
      timestamp: start,
      provider: providerOf(model, metadata),
      ...known({
        model,
        operation: type === 'EMBEDDING' ? 'embeddings' : 'chat',
        customer: textIn(row.userId) ?? textIn(metadata.userId) ?? textIn(metadata.user_id),
        context: known({
          feature: textIn(row.name),
          session: textIn(row.sessionId),
          environment: textIn(row.environment),
          version: textIn(row.version),
        }),
        usage: usageOf(row),
        cost:
          amountIn(objectIn(row.costDetails)?.total) ??
          amountIn(row.calculatedTotalCost) ??
          amountIn(row.totalCost),
        status: failed ? ('error' as const) : undefined,
        errorType: failed ? 'error' : undefined,
        durationMs: durationUntil(start, row.endTime),
        timeToFirstTokenMs: durationUntil(start, row.completionStartTime),
      }),
    };
  },
  carried: new Set([
    'id',
    'type',
    'name',
    'startTime',
    'endTime',
    'completionStartTime',
    'model',
    'providedModelName',
    'internalModelId',
    'metadata',
    'userId',
    'sessionId',
    'environment',
    'version',
    'level',
    'usageDetails',
    'usage',
    'costDetails',
    'calculatedTotalCost',
    'totalCost',
    'promptTokens',
    'completionTokens',
    'totalTokens',
    'inputUsage',
    'outputUsage',
    'totalUsage',
    'traceId',
  ]),
};

/** Langfuse counts cached input beside the rest, under `input_…` and `cache_…`; our input includes it. */
function usageOf(row: JsonObject): Readonly<Record<string, number>> {
  const details = objectIn(row.usageDetails) ?? objectIn(row.usage);
  const counts = Object.entries(details ?? {}).flatMap(([name, value]) => {
    const count = typeof value === 'number' || typeof value === 'string' ? countIn(value) : undefined;
    return count === undefined ? [] : [[name, count] as const];
  });
  const sum = (pattern: RegExp): number | undefined => {
    const found = counts.filter(([name]) => pattern.test(name));
    return found.length === 0 ? undefined : found.reduce((total, [, count]) => total + count, 0);
  };
  return known({
    input_tokens: sum(/^(input|cache_)/) ?? countIn(row.promptTokens) ?? countIn(row.inputUsage),
    cache_read_tokens: sum(/cached|cache_read/),
    cache_write_tokens: sum(/cache_(creation|write)/),
    output_tokens: sum(/^output/) ?? countIn(row.completionTokens) ?? countIn(row.outputUsage),
    total_tokens: sum(/^total$/) ?? countIn(row.totalTokens) ?? countIn(row.totalUsage),
  });
}

/** Langfuse keeps no provider. */
function providerOf(model: string | undefined, metadata: JsonObject): string {
  const said = textIn(metadata.provider) ?? textIn(metadata.ls_provider);
  if (said !== undefined) return said.toLowerCase();
  const name = (model ?? '').toLowerCase();
  if (name.includes('claude')) return 'anthropic';
  if (name.includes('gemini')) return 'gcp.gemini';
  return /^(gpt|o\d|text-embedding|chatgpt|davinci)/.test(name) ? 'openai' : 'unknown';
}
