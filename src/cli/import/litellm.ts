import { known } from '../../base/read.ts';
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

/** LiteLLM proxy: rows of `LiteLLM_SpendLogs`, as JSON or CSV. https://docs.litellm.ai/docs/proxy/cost_tracking */
export const litellm: ImportSource = {
  name: 'litellm',
  title: 'LiteLLM spend logs',
  matches: (row) => 'request_id' in row && 'spend' in row && ('startTime' in row || 'call_type' in row),
  read: (row) => {
    const { startTime, endTime, completionStartTime } = row;
    const start = timeOf(startTime);
    const metadata = objectIn(row.metadata);
    const usage = objectIn(metadata?.usage_object);
    const failed = row.status === 'failure';
    return {
      key: required(textIn(row.request_id), 'request_id'),
      timestamp: start,
      provider: (
        textIn(row.custom_llm_provider) ??
        textIn(row.model)?.split('/')[0] ??
        'openai'
      ).toLowerCase(),
      ...known({
        model: textIn(row.model)?.split('/').at(-1),
        operation: /embedding/.test(textIn(row.call_type) ?? '') ? 'embeddings' : 'chat',
        customer: textIn(row.end_user),
        context: known({
          user: textIn(row.user),
          team: textIn(row.team_id),
          session: textIn(row.session_id),
          tags: tagsIn(row.request_tags),
          ...contextIn(metadata?.requester_metadata),
        }),
        responseId: textIn(row.request_id),
        usageRaw: usage,
        usage: known({
          input_tokens: countIn(row.prompt_tokens),
          output_tokens: countIn(row.completion_tokens),
          total_tokens: countIn(row.total_tokens),
        }),
        cost: amountIn(row.spend),
        status: failed ? ('error' as const) : undefined,
        durationMs: durationUntil(start, endTime),
        timeToFirstTokenMs: durationUntil(start, completionStartTime),
      }),
    };
  },
  carried: new Set([
    'request_id',
    'startTime',
    'endTime',
    'completionStartTime',
    'custom_llm_provider',
    'model',
    'call_type',
    'end_user',
    'user',
    'team_id',
    'session_id',
    'request_tags',
    'metadata',
    'prompt_tokens',
    'completion_tokens',
    'total_tokens',
    'spend',
    'status',
  ]),
};

function tagsIn(value: unknown): readonly string[] | undefined {
  const tags: unknown = typeof value === 'string' && value.startsWith('[') ? JSON.parse(value) : value;
  return Array.isArray(tags) && tags.length > 0 ? tags.map(String) : undefined;
}
