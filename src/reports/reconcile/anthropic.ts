import { count, object, text } from '../../base/read.ts';
import { defined, fromCents, type ReportSource } from './provider-report.ts';

/**
 * Usage and cost report, for an admin key. https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report
 * Cached input is counted beside the uncached; amounts are cents, with a fraction.
 */
export const anthropicReport: ReportSource = {
  baseUrl: 'https://api.anthropic.com',
  paths: (start, end) => {
    const window = `starting_at=${start.toISOString()}&ending_at=${end.toISOString()}&bucket_width=1d`;
    const groups = ['model', 'service_tier', 'api_key_id'].map((name) => `group_by[]=${name}`).join('&');
    return [
      `/v1/organizations/usage_report/messages?${window}&limit=31&${groups}`,
      `/v1/organizations/cost_report?${window}&limit=31&group_by[]=description`,
    ];
  },
  headers: (adminKey) => ({ 'x-api-key': adminKey, 'anthropic-version': '2023-06-01' }),
  dayOf: ({ starting_at: start }) => text(start)?.slice(0, 10),
  line: (result, day) => {
    if (result.amount !== undefined)
      return defined({
        day,
        model: text(result.model),
        tier: text(result.service_tier),
        batch: text(result.service_tier) === 'batch' ? true : undefined,
        cost: fromCents(result.amount),
        currency: text(result.currency)?.toUpperCase(),
      });
    const written = object(result.cache_creation) ?? {};
    const input = [
      result.uncached_input_tokens,
      result.cache_read_input_tokens,
      written.ephemeral_5m_input_tokens,
      written.ephemeral_1h_input_tokens,
    ].flatMap((value) => count(value) ?? []);
    return defined({
      day,
      model: text(result.model),
      tier: text(result.service_tier),
      batch: text(result.service_tier) === undefined ? undefined : result.service_tier === 'batch',
      key: text(result.api_key_id),
      inputTokens: input.length === 0 ? undefined : input.reduce((a, b) => a + b, 0),
      outputTokens: count(result.output_tokens),
    });
  },
};
