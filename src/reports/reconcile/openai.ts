import { count, decimal, object, text } from '../../base/read.ts';
import { defined, type ReportSource } from './provider-report.ts';

/**
 * Organisation usage and costs, for an admin key. https://platform.openai.com/docs/api-reference/usage
 * Input tokens include cached ones; costs are grouped by line item, `gpt-4o-2024-08-06, input`.
 */
export const openaiReport: ReportSource = {
  baseUrl: 'https://api.openai.com',
  paths: (start, end) => {
    const window = `start_time=${start.getTime() / 1000}&end_time=${end.getTime() / 1000}&bucket_width=1d`;
    const groups = ['model', 'batch', 'service_tier', 'api_key_id']
      .map((name) => `group_by=${name}`)
      .join('&');
    return [
      `/v1/organization/usage/completions?${window}&limit=31&${groups}`,
      `/v1/organization/usage/embeddings?${window}&limit=31&group_by=model&group_by=api_key_id`,
      `/v1/organization/costs?${window}&limit=180&group_by=line_item`,
    ];
  },
  headers: (adminKey) => ({ authorization: `Bearer ${adminKey}` }),
  dayOf: ({ start_time: start }) => {
    const seconds = count(start);
    return seconds === undefined ? undefined : new Date(seconds * 1000).toISOString().slice(0, 10);
  },
  line: (result, day) => {
    const amount = object(result.amount);
    if (amount !== undefined) {
      const model = text(result.line_item)?.split(',')[0];
      return defined({
        day,
        model,
        cost: decimal(amount.value),
        currency: text(amount.currency)?.toUpperCase(),
      });
    }
    return defined({
      day,
      model: text(result.model),
      tier: text(result.service_tier),
      batch: typeof result.batch === 'boolean' ? result.batch : undefined,
      key: text(result.api_key_id),
      calls: count(result.num_model_requests),
      inputTokens: count(result.input_tokens),
      outputTokens: count(result.output_tokens),
    });
  },
};
