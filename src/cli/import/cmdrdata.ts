import { known } from '../../base/read.ts';
import type { ImportSource } from './imported-call.ts';
import { contextIn, countIn, objectIn, textIn, timeOf } from './row-readers.ts';

/** cmdrdata-openai and cmdrdata-anthropic: events as they were posted. */
export const cmdrdata: ImportSource = {
  name: 'cmdrdata',
  title: 'cmdrdata',
  envelope: 'events',
  matches: (row) => 'customer_id' in row && 'input_tokens' in row && ('metadata' in row || 'version' in row),
  read: (row) => {
    const metadata = contextIn(row.metadata) ?? {};
    const { response_id: responseId, request_id: requestId, ...context } = metadata;
    const latency = objectIn(row.latency);
    const error = objectIn(row.error);
    const request = objectIn(row.request);
    const failed = error?.occurred === true;
    return {
      // Nothing else tells one event from another: cmdrdata has no id of its own.
      key:
        textIn(responseId) ??
        textIn(request?.id) ??
        textIn(requestId) ??
        JSON.stringify([row.customer_id, row.timestamp, row.model, row.input_tokens, row.output_tokens]),
      timestamp: timeOf(row.timestamp),
      provider: (textIn(row.provider) ?? 'openai').toLowerCase(),
      ...known({
        model: textIn(row.model),
        customer: textIn(row.customer_id),
        context,
        responseId: textIn(responseId),
        usage: known({
          input_tokens: countIn(row.input_tokens),
          output_tokens: countIn(row.output_tokens),
          total_tokens: countIn(row.total_tokens),
        }),
        status: failed ? ('error' as const) : undefined,
        errorType: failed ? (textIn(error?.type) ?? 'unknown_error') : undefined,
        durationMs: countRounded(latency?.duration_ms),
        timeToFirstTokenMs: countRounded(latency?.time_to_first_token_ms),
        stream: typeof request?.streaming === 'boolean' ? request.streaming : undefined,
      }),
    };
  },
  carried: new Set([
    'customer_id',
    'model',
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'provider',
    'metadata',
    'timestamp',
    'version',
    'latency',
    'error',
    'request',
  ]),
};

function countRounded(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.round(value) : undefined;
}
