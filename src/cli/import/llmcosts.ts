import { known } from '../../base/read.ts';
import type { ImportSource } from './imported-call.ts';
import { amountIn, contextIn, countIn, objectIn, required, textIn, timeOf } from './row-readers.ts';

/** LLMCosts: the table of `llm_cost_events.db`, the lines of `llm_cost_events.jsonl`, and records as they were posted. */
export const llmcosts: ImportSource = {
  name: 'llmcosts',
  title: 'LLMCosts',
  envelope: 'usage_records',
  matches: (row) => 'model_id' in row && 'response_id' in row && 'provider' in row && !('call_type' in row),
  read: (row) => {
    const { cache_read_tokens: read, cache_write_tokens: written } = row;
    return {
      key: required(textIn(row.response_id) ?? textIn(row.uuid), 'response_id'),
      timestamp: timeOf(row.timestamp),
      provider: required(textIn(row.provider), 'provider').toLowerCase(),
      ...known({
        model: textIn(row.model_id),
        customer: textIn(row.client_customer_key),
        context: contextIn(row.context),
        responseId: textIn(row.response_id),
        serviceTier: textIn(row.service_tier),
        usageRaw: objectIn(row.usage),
        cost: amountIn(row.total_cost),
        usage: known({
          input_tokens: countIn(row.input_tokens),
          output_tokens: countIn(row.output_tokens),
          total_tokens: countIn(row.total_tokens),
          cache_read_tokens: countIn(read),
          cache_write_tokens: countIn(written),
        }),
      }),
    };
  },
  carried: new Set([
    'response_id',
    'uuid',
    'timestamp',
    'provider',
    'model_id',
    'client_customer_key',
    'context',
    'service_tier',
    'usage',
    'total_cost',
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'cache_read_tokens',
    'cache_write_tokens',
    // Parts of the total, and when a row was written.
    'input_cost',
    'output_cost',
    'cache_read_cost',
    'cache_write_cost',
    'created_at',
    'updated_at',
  ]),
};
