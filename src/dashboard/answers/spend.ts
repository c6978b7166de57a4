import { exact, formatDecimal, subtract } from '../../base/decimal.ts';
import { addRows, emptyRow } from '../../ledger/cost-row.ts';
import type { CostRow, Dimension } from '../../ledger/ledger.ts';
import { toCsv } from '../../reports/csv.ts';
import { inZone } from '../../reports/period.ts';
import { report, type ReportLine } from '../../reports/report.ts';
import { knownAmount, shareOf } from '../../reports/rows.ts';
import type { Series, Spend, Sums } from '../api.ts';
import { bucketsOf, unitOf } from '../buckets.ts';
import { countOf, periodToJson, type Question } from '../question.ts';
import type { Answer } from './answer.ts';
import { checkNoTime, filterOfLine } from './groups.ts';
import { sumsOf } from './sums.ts';

/** Amounts over time, stacked. */
export const spend: Answer = {
  takes: ['by', 'unit', 'top'],
  json: (question) => spendOf(question, (question.own.by ?? 'customer') as Dimension),
  async csv(question) {
    const { by, buckets, series } = await spendOf(question, (question.own.by ?? 'customer') as Dimension);
    const records = series.flatMap((each) =>
      buckets.map(({ label }, index) => [
        label,
        each.is_rest ? { word: 'rest' } : each.value,
        String(each.unattributed),
        each.currency,
        each.amounts[index],
        each.calls_per_bucket[index],
      ]),
    );
    return toCsv(records, ['time', by, 'unattributed', 'currency', 'amount', 'calls'], new Set(['rest']));
  },
};

/** The amounts over time of the largest groups, of what nobody was named for, and of the rest. */
export async function spendOf(question: Question, by: Dimension): Promise<Spend> {
  checkNoTime(by);
  const { ledger, timeZone, own, inPeriod: filter } = question;
  const unit = unitOf(own.unit, filter);
  const buckets = bucketsOf(unit, filter, timeZone);
  const top = countOf('top', own.top, 8, 50);
  const { lines, totals } = await report(ledger, { ...filter, by: [by], timeZone });
  const shown = totals.flatMap(({ currency }) =>
    largest(
      lines.filter((line) => line.currency === currency),
      by,
      top,
    ),
  );
  const values = [...new Set(shown.map((line) => line.group[by] ?? null))];
  const groupBy: Dimension[] = by === 'customer' ? [by, 'attribution_source', unit] : [by, unit];
  // The many small groups are never read one by one: they are the whole without the large ones.
  const [parts, wholes] = await Promise.all([
    shown.length === 0
      ? []
      : ledger.query(inZone({ ...filter, is: { ...filter.is, [by]: values }, groupBy }, timeZone)),
    ledger.query(inZone({ ...filter, groupBy: [unit] as const }, timeZone)),
  ]);
  const toSums = sumsOf(lines);
  const place = (rows: readonly CostRow[], currency: string): readonly CostRow[] => {
    const byLabel = Map.groupBy(rows, ({ group }) => group[unit] ?? '');
    return buckets.map(({ label }) => (byLabel.get(label) ?? []).reduce(addRows, emptyRow(currency)));
  };
  const series: Series[] = [];
  for (const { currency, amount } of totals) {
    const own = shown.filter((line) => line.currency === currency);
    const placed = own.map((line) =>
      place(
        parts.filter((row) => isOf(row, line, by)),
        currency,
      ),
    );
    for (const [index, line] of own.entries())
      series.push({
        ...seriesOf(toSums(line, filterOfLine(line, filter, timeZone)), placed[index] ?? []),
        value: line.group[by] ?? null,
        unattributed: line.unattributed,
        share: line.share ?? null,
      });
    const others = lines.filter((line) => line.currency === currency && !own.includes(line));
    if (others.length === 0) continue;
    const whole = place(
      wholes.filter((row) => row.currency === currency),
      currency,
    );
    const rest = whole.map((row, index) =>
      without(
        row,
        placed.flatMap((rows) => rows[index] ?? []),
      ),
    );
    const sums = others.reduce<CostRow>(addRows, emptyRow(currency));
    series.push({
      ...seriesOf(toSums(sums, filter), rest),
      share: shareOf(sums.amount, amount) ?? null,
      is_rest: true,
      groups: others.length,
    });
  }
  return {
    time_zone: timeZone,
    period: periodToJson(filter),
    by,
    unit,
    buckets: buckets.map((bucket) => ({ label: bucket.label, ...periodToJson(bucket) })),
    series,
    totals: totals.map((total) =>
      seriesOf(
        toSums(total, filter),
        place(
          wholes.filter((row) => row.currency === total.currency),
          total.currency,
        ),
      ),
    ),
  };
}

/** The largest of those with a name, and all that have none. */
function largest(lines: readonly ReportLine[], by: Dimension, top: number): readonly ReportLine[] {
  const isNamed = (line: ReportLine): boolean => (line.group[by] ?? null) !== null;
  return [...lines.filter(isNamed).slice(0, top), ...lines.filter((line) => !isNamed(line))];
}

/** Whether a row of the ledger is a part of a line: "nobody" and "nobody was named" are two. */
function isOf(row: CostRow, line: ReportLine, by: Dimension): boolean {
  const value = line.group[by] ?? null;
  if (row.currency !== line.currency || (row.group[by] ?? null) !== value) return false;
  return by !== 'customer' || value !== null || (row.group.attribution_source === null) === line.unattributed;
}

function seriesOf(sums: Sums, rows: readonly CostRow[]): Series {
  return {
    ...sums,
    value: null,
    unattributed: false,
    share: null,
    is_rest: false,
    groups: 1,
    amounts: rows.map((row) => knownAmount(row) ?? null),
    calls_per_bucket: rows.map(({ events }) => events),
  };
}

function without(whole: CostRow, parts: readonly CostRow[]): CostRow {
  const part = parts.reduce<CostRow>(addRows, emptyRow(whole.currency));
  return {
    ...whole,
    events: Math.max(0, whole.events - part.events),
    unpriced: Math.max(0, whole.unpriced - part.unpriced),
    amount: formatDecimal(subtract(exact(whole.amount), exact(part.amount))),
  };
}
