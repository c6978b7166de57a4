import { ConfigError } from '../../base/errors.ts';
import type { Dimension } from '../../ledger/ledger.ts';
import { formatCsv } from '../../reports/format-csv.ts';
import { report as askForReport, type Report } from '../../reports/report.ts';
import type { ReportAnswer } from '../api.ts';
import { countOf, periodToJson, type Question } from '../question.ts';
import type { Answer } from './answer.ts';
import { filterOfLine } from './groups.ts';
import { sumsOf } from './sums.ts';

/** Any table: one row per group, the largest spend first. */
export const report: Answer = {
  takes: ['by', 'limit'],
  async json(question): Promise<ReportAnswer> {
    const { own, timeZone, inPeriod } = question;
    const { lines, totals, by } = await reportOf(question);
    const toSums = sumsOf(lines);
    return {
      time_zone: timeZone,
      period: periodToJson(inPeriod),
      by,
      rows: lines.slice(0, countOf('limit', own.limit, 500, 10_000)).map((line) => ({
        group: line.group,
        unattributed: line.unattributed,
        share: line.share ?? null,
        ...toSums(line, filterOfLine(line, inPeriod, timeZone)),
      })),
      count: lines.length,
      totals: totals.map((total) => toSums(total, inPeriod)),
    };
  },
  csv: async (question) => formatCsv(await reportOf(question)),
};

function reportOf({ ledger, own, timeZone, inPeriod }: Question): Promise<Report> {
  // The ledger names the dimensions there are when it does not know one of these.
  const by = (own.by ?? 'customer').split(',').map((each) => each.trim()) as Dimension[];
  if (new Set(by).size < by.length)
    throw new ConfigError(`query: 'by' names a dimension twice: ${by.join(', ')}.`);
  return askForReport(ledger, { ...inPeriod, by, timeZone });
}
