import { describe, expect, test } from 'vitest';
import { causesOf } from '../../src/reports/reconcile/causes.ts';
import { formatReconciliation } from '../../src/reports/reconcile/format-reconciliation.ts';
import { readProviderReport } from '../../src/reports/reconcile/read-report.ts';
import type { Compared, Side } from '../../src/reports/reconcile/reconciliation.ts';

describe('a report that was downloaded as CSV', () => {
  const read = (csv: string) => readProviderReport('anthropic', csv).lines;

  test('of Anthropic counts what was cached beside the rest, and says batches and keys', () => {
    const head =
      'usage_date_utc,model_version,api_key,usage_type,batch,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_read,usage_output_tokens,cost,currency\n';
    // 500 + 200 + 300
    expect(read(`${head}2026-11-20,claude-sonnet-4-5,key_1,batch,TRUE,500,200,300,100,1.5,usd\n`)).toEqual([
      {
        day: '2026-11-20',
        model: 'claude-sonnet-4-5',
        tier: 'batch',
        batch: true,
        key: 'key_1',
        inputTokens: 1000,
        outputTokens: 100,
        cost: '1.5',
        currency: 'USD',
      },
    ]);
    expect(read(`${head}2026-11-20,claude-sonnet-4-5,key_1,standard,false,,,,,,\n`)).toEqual([
      { day: '2026-11-20', model: 'claude-sonnet-4-5', tier: 'standard', batch: false, key: 'key_1' },
    ]);
  });

  test('may have its days as seconds; lines without a day are none', () => {
    expect(read('date,input_tokens\n1795168800,7\n,8\nsoon,9\n')).toEqual([
      { day: '2026-11-20', inputTokens: 7 },
    ]);
    expect(read('date,input_tokens\n')).toEqual([]);
  });

  test('a figure that is none is left out, never read as 0', () => {
    expect(read('date,input_tokens,output_tokens\n2026-11-20,many,5\n')).toEqual([
      { day: '2026-11-20', outputTokens: 5 },
    ]);
  });
});

test.each([
  ['JSON lines', '{"data":[]}\n\n{"data":[]}\n'],
  ['a list of pages, of which one is none', '[{"data":[]},7]'],
])('%s are the pages of a report', (_what, content) => {
  expect(readProviderReport('openai', content).lines).toEqual([]);
});

test('what is neither JSON nor CSV is refused', () => {
  expect(() => readProviderReport('openai', '{"data":[]}\n{broken')).toThrow(
    'the report is neither JSON, nor JSON lines, nor CSV',
  );
});

const side = (fields: Partial<Side> = {}): Side => ({ tiers: [], keys: [], batchTokens: 0, ...fields });

describe('what may explain a drift', () => {
  const codes = (fields: Partial<Compared>, model: string | null = 'o3'): string[] => {
    const line = { day: '2026-11-20', model, ledger: side(), report: side(), drift: {}, ...fields };
    return causesOf(line, [line]).map(({ code, text }) => `${code}: ${text}`);
  };
  const calls = side({ calls: 1, inputTokens: 10 });

  test('nothing, where nothing differs', () => {
    expect(codes({ drift: { inputTokens: 0, outputTokens: 0, cost: '0' } })).toEqual([]);
    expect(codes({})).toEqual([]);
  });

  test('calls that nobody named a model for are named as such; keys only where the report has some', () => {
    expect(codes({ drift: { outputTokens: 5 } }, null)[0]).toContain(
      'not_instrumented: calls without a model: no call is in the ledger',
    );
    expect(codes({ ledger: calls, drift: { inputTokens: 5 } })[0]).toMatch(
      /elsewhere: o3: 5 tokens are not in the ledger\. .*use the account\.$/,
    );
    expect(codes({ ledger: calls, report: side({ keys: ['k1'] }), drift: { inputTokens: 5 } })[0]).toContain(
      'Keys in the report: k1.',
    );
  });

  test('batches explain as many tokens as they had, and not one more', () => {
    const batch = side({ batchTokens: 5 });
    expect(codes({ ledger: calls, report: batch, drift: { inputTokens: 5 } })[0]).toMatch(/^batch/);
    expect(codes({ ledger: calls, report: batch, drift: { inputTokens: 6 } })[0]).toMatch(/^elsewhere/);
  });

  test('a ledger that has more waits for a late report, or rests on estimates', () => {
    expect(codes({ ledger: calls, drift: { inputTokens: -5 } })[0]).toMatch(/^late/);
    expect(codes({ ledger: side({ calls: 1, estimated: 1 }), drift: { inputTokens: -5 } })[0]).toMatch(
      /^estimated/,
    );
  });

  test('costs without any call are those of what is not instrumented; of the same tokens, of another price', () => {
    expect(codes({ report: side({ cost: '1' }), drift: { cost: '1' } })[0]).toBe(
      'not_instrumented: o3: costs in the report, and no call in the ledger.',
    );
    for (const fields of [{ inputTokens: 1 }, { outputTokens: 1 }])
      expect(codes({ report: side(fields), drift: { cost: '1' } })[0]).toMatch(/^price/);
    expect(codes({ ledger: calls, drift: { cost: '1' } })[0]).toMatch(/^price/);
    expect(codes({ ledger: side({ unpriced: 2 }), drift: { cost: '1' } })[0]).toMatch(
      /^unpriced: o3: 2 calls/,
    );
    // A tier that the ledger knows, or that is none, explains nothing.
    const tiers = ['default', 'flex'];
    expect(
      codes({
        ledger: side({ calls: 1, tiers: ['flex'] }),
        report: side({ tiers }),
        drift: { cost: '1' },
      })[0],
    ).toMatch(/^price/);
    expect(codes({ ledger: calls, report: side({ tiers }), drift: { cost: '1' } })[0]).toMatch(
      /^tier: o3: the report has the tier flex,/,
    );
  });
});

test('a table leaves empty what a side does not tell', () => {
  const day = {
    ledger: side({ calls: 1, outputTokens: 5 }),
    report: side({ cost: '1' }),
    drift: { cost: '1' },
  };
  const found = {
    provider: 'openai' as const,
    start: new Date('2026-11-20T00:00:00Z'),
    end: new Date('2026-11-21T00:00:00Z'),
    lines: [{ day: '2026-11-20', model: null, ...day, causes: [] }],
    totals: { ...day, report: side({ outputTokens: 7 }), drift: { outputTokens: 2 } },
    causes: [],
  };
  const rows = formatReconciliation(found, 120)
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
  expect(rows).toContainEqual(['2026-11-20', '(not said)', '5', '1', '1']);
  expect(rows).toContainEqual(['total', '5', '7', '2']);
  expect(formatReconciliation(found)).toContain('Nothing to explain.');
});
