import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { readCell } from '../../src/base/spreadsheet-cell.ts';
import { formatCsv } from '../../src/reports/format-csv.ts';
import { formatJson } from '../../src/reports/format-json.ts';
import { formatTable } from '../../src/reports/format-table.ts';
import { createReport } from '../../src/reports/report.ts';
import { row } from './rows.ts';

const november = { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') };

const unattributed = row(
  { customer: null, attribution_source: null },
  { events: 3, amount: '0.0125', usage: { inputTokens: 7 } },
);
const report = createReport(
  [
    row(
      { customer: 'acme', attribution_source: 'scope' },
      {
        events: 1200,
        amount: '0.0375',
        usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300, reasoningTokens: 64 },
        estimated: 1,
        estimatedAmount: '0.005',
      },
    ),
    row({ customer: 'globex', attribution_source: 'scope' }, { events: 2, unpriced: 2 }),
    unattributed,
  ],
  { by: ['customer'], period: november, unattributed: [unattributed] },
);

test('prints a table with exact money, the unattributed line and what the figures leave out', () => {
  expect(formatTable(report)).toBe(
    [
      'Cost of the calls from 2026-11-01 until 2026-12-01 (UTC)',
      '',
      'customer        calls  input  cached  output  reasoning  unpriced  estimated  cost USD   share',
      '──────────────────────────────────────────────────────────────────────────────────────────────',
      'acme            1,200  2,006   1,920     300         64         0          1    0.0375  75.0 %',
      'globex              2                                           2          0         ?',
      '(unattributed)      3      7                                    0          0    0.0125  25.0 %',
      '──────────────────────────────────────────────────────────────────────────────────────────────',
      'total           1,205  2,013   1,920     300         64         2          1    0.0500',
      '',
      'unattributed: 3 calls, USD 0.0125 (25.0 %). See: costspan events --unattributed',
      'unpriced: 2 calls, not in the cost. See: costspan events --unpriced',
      'estimated: 1 call whose provider sent no usage, USD 0.005 (10.0 %).',
      '',
    ].join('\n'),
  );
});

test('says that there are no calls instead of printing an empty table', () => {
  expect(formatTable(createReport([], { by: ['customer'] }))).toBe('Cost of all calls\n\nNo calls.\n');
});

test('prints one JSON object in which money is text and unknown is null', () => {
  const json: unknown = JSON.parse(formatJson(report));
  expect(json).toMatchObject({
    period: { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z' },
    by: ['customer'],
    rows: [
      {
        customer: 'acme',
        unattributed: false,
        events: 1200,
        currency: 'USD',
        amount: '0.0375',
        share: '0.750',
        usage: { input_tokens: 2006, cache_read_tokens: 1920, output_tokens: 300, reasoning_tokens: 64 },
        estimated_amount: '0.005',
      },
      { customer: 'globex', unpriced: 2, amount: null, share: null },
      { customer: null, unattributed: true, amount: '0.0125' },
    ],
    totals: [{ events: 1205, amount: '0.05', estimated_share: '0.100', unattributed: { events: 3 } }],
  });
});

test('prints CSV whose columns do not depend on the data', () => {
  expect(formatCsv(report).split('\r\n')).toEqual([
    'customer,events,currency,amount,share,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens,total_tokens,unpriced,estimated,estimated_amount,errors,cost_per_call,cost_per_1k_tokens,unattributed',
    // 0.0375 ÷ 1200 calls; × 1000 ÷ (2006 + 300) tokens
    'acme,1200,USD,0.0375,0.750,2006,1920,,300,64,,0,1,0.005,0,0.00003125,0.016261925,false',
    'globex,2,USD,,,,,,,,,2,0,0,0,,,false',
    // 0.0125 ÷ 3, rounded to nine digits; × 1000 ÷ 7
    ',3,USD,0.0125,0.250,7,,,,,,0,0,0,0,0.004166667,1.785714286,true',
    '',
  ]);
  const [header] = formatCsv(report).split('\r\n');
  expect(formatCsv(createReport([], { by: ['customer'] }))).toBe(`${header}\r\n`);
});

test('keeps a hostile customer name from running in a spreadsheet or steering a terminal', () => {
  const hostile = createReport(
    [
      row({ customer: '=HYPERLINK("http://x")', attribution_source: 'inbound' }, { amount: '1' }),
      row({ customer: '\u001B[2Jgone', attribution_source: 'inbound' }, { amount: '-0.5' }),
    ],
    { by: ['customer'] },
  );
  const csv = formatCsv(hostile);
  expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
  expect(csv).toContain(',-0.5,'); // a correction is a number, not a formula
  expect(formatTable(hostile)).not.toContain('\u001B');
  expect(formatTable(hostile)).toContain('\\u{1b}[2Jgone');
});

test('CSV tells nobody, unattributed calls and customers of such names apart, and rewrites no character', () => {
  const names = ['(nobody)', '(unattributed)', 'a\tb\nc', "'quoted", '@sum'];
  const csv = formatCsv(
    createReport(
      [
        ...names.map((customer) => row({ customer, attribution_source: 'scope' }, { amount: '1' })),
        row({ customer: null, attribution_source: 'scope' }, { amount: '1' }),
        row({ customer: null, attribution_source: null }, { amount: '1' }),
      ],
      { by: ['customer'] },
    ),
  );
  const records = parse(csv, { columns: true }) as { customer: string; unattributed: string }[];
  expect(
    new Set(records.map(({ customer, unattributed }) => `${readCell(customer)}|${unattributed}`)),
  ).toEqual(new Set([...names.map((name) => `${name}|false`), '|false', '|true']));
});

test.each([80, 70])('a table fits %i columns: names end in an ellipsis, numbers are never cut', (width) => {
  const customer = 'a_customer_with_a_name_that_is_much_longer_than_any_terminal_is_wide_and_then_some';
  const wide = createReport(
    [
      row({ customer, attribution_source: 'scope' }, { amount: '123456.000000000125', events: 1_234_567 }),
      row({ customer: '顧客'.repeat(30), attribution_source: 'scope' }, { amount: '1' }),
    ],
    { by: ['customer'] },
  );
  const lines = formatTable(wide, width).split('\n');
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  expect(formatTable(wide, width)).toContain('123456.000000000125');
  expect(lines.filter((line) => line.includes('…'))).toHaveLength(2);
});

test('lines up names in wide characters, and sums without a name', () => {
  const wide = createReport([row({ customer: '顧客', attribution_source: 'scope' }, { amount: '1' })], {
    by: ['customer'],
  });
  expect(formatTable(wide).split('\n').slice(4, 5)).toEqual([
    '顧客          1                     1.00  100.0 %',
  ]);
  const total = createReport([row({}, { amount: '1' })], { by: [] });
  expect(formatTable(total).split('\n')).toEqual([
    'Cost of all calls',
    '',
    'calls  input  output  cost USD    share',
    '───────────────────────────────────────',
    '    1                     1.00  100.0 %',
    '',
  ]);
});

test.each([
  [{}, 'Cost of all calls'],
  [{ start: new Date('2026-11-20T10:00:00Z') }, 'Cost of the calls from 2026-11-20 10:00 (UTC)'],
  [{ end: new Date('2026-11-20T10:00:07Z') }, 'Cost of the calls until 2026-11-20 10:00:07 (UTC)'],
])('says which calls: %j', (period, heading) => {
  expect(formatTable(createReport([], { by: [], period })).split('\n')[0]).toBe(heading);
});

test('an unattributed call without a price is unpriced, and a sum of 0 has no shares', () => {
  const nobody = row({ customer: null, attribution_source: null }, { events: 1, unpriced: 1 });
  const printed = formatTable(createReport([nobody], { by: ['customer'], unattributed: [nobody] }));
  expect(printed).toContain('unattributed: 1 call, unpriced. See: costspan events --unattributed');
  const free = row({ customer: null, attribution_source: null }, { events: 2, estimated: 2 });
  expect(formatTable(createReport([free], { by: ['customer'], unattributed: [free] }))).toMatch(
    /unattributed: 2 calls, USD 0\. See/,
  );
});

test('several currencies are several totals, each with its own', () => {
  const euro = {
    ...row({ customer: 'acme', attribution_source: 'scope' }, { amount: '2' }),
    currency: 'EUR',
  };
  const dollar = row({ customer: 'acme', attribution_source: 'scope' }, { amount: '1' });
  const printed = formatTable(createReport([dollar, euro], { by: ['customer'] }));
  expect(printed).toContain('1.00 USD');
  expect(printed).toContain('2.00 EUR');
});
