import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { fetchProviderReport } from '../../src/reports/reconcile/fetch-report.ts';
import { reconcile } from '../../src/reports/reconcile/reconcile.ts';
import { cost, costEvent } from '../ledger/events.ts';
import { type ReceivedRequest, Receiver } from '../sinks/receiver.ts';

const DAY = Date.UTC(2026, 10, 20) / 1000;
const START = new Date('2026-11-20T00:00:00Z');
const END = new Date('2026-11-22T00:00:00Z');
const MODEL = 'gpt-4o-2024-08-06';

function ledgerWith(...events: CostEvent[]): SqliteLedger {
  const ledger = new SqliteLedger({ path: ':memory:' });
  ledger.write(events);
  return ledger;
}

/** One bucket of OpenAI's usage, as its API answers. */
function usage(results: object[], start = DAY): object {
  return {
    object: 'bucket',
    start_time: start,
    end_time: start + 86_400,
    results: results.map((result) => ({
      object: 'organization.usage.completions.result',
      input_tokens: 0,
      output_tokens: 0,
      input_cached_tokens: 0,
      input_audio_tokens: 0,
      output_audio_tokens: 0,
      num_model_requests: 1,
      project_id: null,
      user_id: null,
      api_key_id: 'key_1',
      model: MODEL,
      batch: false,
      service_tier: 'default',
      ...result,
    })),
  };
}

function costs(value: number | string, model: string | null = MODEL, start = DAY): object {
  const result = {
    object: 'organization.costs.result',
    amount: { value, currency: 'usd' },
    line_item: model === null ? null : `${model}, input`,
    project_id: null,
  };
  return { object: 'bucket', start_time: start, end_time: start + 86_400, results: [result] };
}

const page = (...data: object[]): object => ({ object: 'page', data, has_more: false, next_page: null });

describe("OpenAI's report beside the ledger", () => {
  test('agrees to the last digit where every call is in the ledger', async () => {
    const report = [
      page(usage([{ input_tokens: 2000, output_tokens: 200, num_model_requests: 2 }])),
      page(costs(0.007)),
    ];
    const found = await reconcile(ledgerWith(costEvent(), costEvent()), { provider: 'openai', report });
    expect(found.totals.drift).toEqual({ calls: 0, inputTokens: 0, outputTokens: 0, cost: '0' });
    expect(found.causes).toEqual([]);
    expect(found).toMatchObject({ start: START, end: new Date('2026-11-21T00:00:00Z') });
  });

  const CAUSES: Record<string, { events: CostEvent[]; report: object[]; code: string; text: string }> = {
    'a model that nobody instrumented': {
      events: [costEvent()],
      report: [
        page(
          usage([
            { input_tokens: 1000, output_tokens: 100 },
            { model: 'o3', input_tokens: 7 },
          ]),
        ),
      ],
      code: 'not_instrumented',
      text: 'o3: no call is in the ledger',
    },
    'tokens of another key': {
      events: [costEvent()],
      report: [
        page(
          usage([
            { input_tokens: 1000, output_tokens: 100 },
            { input_tokens: 50, api_key_id: 'key_2' },
          ]),
        ),
      ],
      code: 'elsewhere',
      text: '50 tokens are not in the ledger. Other processes, scripts or people use the account. Keys in the report: key_1, key_2.',
    },
    'a batch that was not read yet': {
      events: [costEvent()],
      report: [
        page(
          usage([
            { input_tokens: 1000, output_tokens: 100 },
            { input_tokens: 900, batch: true },
          ]),
        ),
      ],
      code: 'batch',
      text: '900 tokens were batches',
    },
    'a call around midnight': {
      events: [costEvent({ timestamp: new Date('2026-11-20T23:59:59Z') })],
      report: [page(usage([]), usage([{ input_tokens: 1000, output_tokens: 100 }], DAY + 86_400))],
      code: 'time_zone',
      text: 'the days differ and the period agrees',
    },
    'a call we had to estimate': {
      events: [costEvent({ usageSource: 'estimated' })],
      report: [page(usage([{ input_tokens: 990, output_tokens: 100 }]))],
      code: 'estimated',
      text: '1 calls rest on our own estimates',
    },
    'a report that is not complete': {
      events: [costEvent(), costEvent()],
      report: [page(usage([{ input_tokens: 1000, output_tokens: 100 }]))],
      code: 'late',
      text: 'ask again tomorrow',
    },
    'a call without a price': {
      events: [costEvent({ cost: cost(undefined) })],
      report: [page(usage([{ input_tokens: 1000, output_tokens: 100 }])), page(costs('0.0035'))],
      code: 'unpriced',
      text: '1 calls have no price here',
    },
    'a tier no call says it had': {
      events: [costEvent()],
      report: [
        page(usage([{ input_tokens: 1000, output_tokens: 100, service_tier: 'priority' }])),
        page(costs(0.006)),
      ],
      code: 'tier',
      text: 'the tier priority',
    },
    'another price': {
      events: [costEvent()],
      report: [page(usage([{ input_tokens: 1000, output_tokens: 100 }])), page(costs(0.003))],
      code: 'price',
      text: 'the same tokens at another price',
    },
  };

  test.each(Object.entries(CAUSES))(
    '%s is what explains the drift',
    async (_, { events, report, code, text }) => {
      const found = await reconcile(ledgerWith(...events), {
        provider: 'openai',
        report,
        start: START,
        end: END,
      });
      expect(found.causes.map((cause) => cause.code)).toEqual([code]);
      expect(found.causes[0]?.text).toContain(text);
    },
  );

  test('is read from text, lines of pages, and CSV', async () => {
    const pages = page(usage([{ input_tokens: 1000, output_tokens: 100 }]));
    const csv = `start_time_iso,model,input_tokens,output_tokens,num_model_requests\r\n2026-11-20T00:00:00+00:00,${MODEL},1000,100,1\r\n`;
    for (const report of [
      JSON.stringify(pages),
      `${JSON.stringify(pages)}\n`,
      JSON.stringify([pages]),
      csv,
    ]) {
      const found = await reconcile(ledgerWith(costEvent()), { provider: 'openai', report });
      expect(found.totals.drift).toEqual({ calls: 0, inputTokens: 0, outputTokens: 0 });
    }
  });
});

test("Anthropic's report: cached input counts as input, amounts are cents", async () => {
  const claude = costEvent({
    provider: 'anthropic',
    responseModel: 'claude-sonnet-4-5-20250929',
    usage: { inputTokens: 1000, cacheReadTokens: 300, cacheWriteTokens: 200, outputTokens: 100 },
    cost: cost('1.2378912'),
  });
  const bucket = { starting_at: '2026-11-20T00:00:00Z', ending_at: '2026-11-21T00:00:00Z' };
  const usageResult = {
    uncached_input_tokens: 500,
    cache_creation: { ephemeral_1h_input_tokens: 50, ephemeral_5m_input_tokens: 150 },
    cache_read_input_tokens: 300,
    output_tokens: 100,
    server_tool_use: { web_search_requests: 0 },
    api_key_id: 'apikey_1',
    workspace_id: null,
    model: 'claude-sonnet-4-5-20250929',
    service_tier: 'standard',
    context_window: '0-200k',
  };
  const costResult = {
    currency: 'USD',
    amount: '123.78912',
    workspace_id: null,
    description: 'Claude Sonnet 4.5 Usage - Input Tokens',
    cost_type: 'tokens',
    context_window: '0-200k',
    model: 'claude-sonnet-4-5-20250929',
    service_tier: 'standard',
    token_type: 'uncached_input_tokens',
  };
  const report = [usageResult, costResult].map((result) => ({
    data: [{ ...bucket, results: [result] }],
    has_more: false,
    next_page: null,
  }));
  const found = await reconcile(ledgerWith(claude), { provider: 'anthropic', report });
  // 500 + 50 + 150 + 300 tokens; 123.78912 cents are $1.2378912
  expect(found.totals).toMatchObject({
    report: { inputTokens: 1000, outputTokens: 100, cost: '1.2378912' },
    drift: { inputTokens: 0, outputTokens: 0, cost: '0' },
  });
});

test.each([
  [{ provider: 'opnai', report: {} }, 'one of openai, anthropic'],
  [{ provider: 'openai', report: { error: 'no' } }, 'expected a usage or cost report'],
  [{ provider: 'openai', report: page() }, 'Give start and end'],
  [{ provider: 'openai', report: 'a,b\n1,2\n' }, 'no column for the day'],
])('a report that is none is refused: %j', async (options, message) => {
  await expect(reconcile(ledgerWith(), options as never)).rejects.toThrow(message);
});

describe('asked of the provider', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await Receiver.start();
  });
  afterEach(() => receiver.stop());

  const fetchFrom = (baseUrl: string) =>
    fetchProviderReport({ provider: 'openai', start: START, end: END, adminKey: 'sk-admin-secret', baseUrl });

  test('pages are followed, rate limits are waited for, and the key goes to the provider alone', async () => {
    let refused = false;
    receiver.answer = ({ path }: ReceivedRequest) => {
      const url = new URL(path, 'http://x');
      if (!url.pathname.endsWith('/usage/completions')) return { status: 200, body: JSON.stringify(page()) };
      if (url.searchParams.get('page') === null)
        return {
          status: 200,
          body: JSON.stringify({ ...page(usage([{ input_tokens: 1 }])), has_more: true, next_page: 'p2' }),
        };
      if (refused)
        return { status: 200, body: JSON.stringify(page(usage([{ input_tokens: 2 }], DAY + 86_400))) };
      refused = true;
      return { status: 429, headers: { 'retry-after': '0' } };
    };
    const report = await fetchFrom(receiver.url);
    expect(report.lines.map(({ day, inputTokens }) => [day, inputTokens])).toEqual([
      ['2026-11-20', 1],
      ['2026-11-21', 2],
    ]);
    const [first] = receiver.requests;
    expect(first?.headers.authorization).toBe('Bearer sk-admin-secret');
    expect(first?.path).toContain(`start_time=${DAY}&end_time=${DAY + 2 * 86_400}&bucket_width=1d`);
    expect(receiver.requests.map(({ path }) => path.split('?')[0])).toEqual([
      '/v1/organization/usage/completions',
      '/v1/organization/usage/completions',
      '/v1/organization/usage/completions',
      '/v1/organization/usage/embeddings',
      '/v1/organization/costs',
    ]);
  });

  test('a key that is refused is explained and never repeated', async () => {
    receiver.answer = () => ({ status: 401, body: '{"error":"insufficient permissions"}' });
    const failure = await fetchFrom(receiver.url).catch((error: Error) => error.message);
    expect(failure).toContain('was answered 401');
    expect(failure).toContain('admin key');
    expect(failure).not.toContain('sk-admin-secret');
  });
});
