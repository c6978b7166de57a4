import type { Dimension } from '../../ledger/ledger.ts';
import { reportToJson } from '../../reports/format-json.ts';
import { formatTable } from '../../reports/format-table.ts';
import { report } from '../../reports/report.ts';
import { parseDimensions } from '../command.ts';
import { reasonsForEmpty } from '../empty-answer.ts';
import { FILTER_INPUTS, type FilterInput, filterOfInput, several, wholeNumber } from './inputs.ts';
import { defineTool, type Tool } from './tool.ts';
import { totalsText, withTotals } from './totals.ts';

interface ReportInput extends FilterInput {
  readonly by?: readonly string[];
  readonly top?: number;
}

const ROWS = { type: 'array', items: { type: 'object' } };

export const reportTool: Tool = defineTool<ReportInput>({
  name: 'report',
  title: 'What calls cost',
  description:
    'What LLM calls cost in a period, grouped by customer, model, feature, day or anything else the calls carry. Largest first, times in order.',
  inputs: {
    by: several(
      'Group by these, in this order: customer, model, provider, operation, service, status, hour, day, week, month, currency, …, or context.<name> such as context.feature. Default: customer.',
      parseDimensions,
    ),
    top: wholeNumber('The largest so many rows; the totals are over all. Default: 50.', 1_000),
    ...FILTER_INPUTS,
  },
  outputSchema: withTotals({ rows: ROWS, rows_left_out: { type: 'integer' } }),
  async answer(ledger, { by = ['customer'], top = 50, timeZone = 'UTC', ...input }) {
    const filter = filterOfInput('report', { ...input, timeZone });
    const found = await report(ledger, { ...filter, by: by as readonly Dimension[], timeZone });
    const shown = { ...found, lines: found.lines.slice(0, top) };
    const leftOut = found.lines.length - shown.lines.length;
    const notes = found.lines.length === 0 ? await reasonsForEmpty(ledger, filter) : [];
    return {
      text: [
        totalsText(found.totals),
        ...(found.lines.length === 0 ? notes : ['', formatTable(shown, 160).trimEnd()]),
        ...(leftOut > 0 ? [`… and ${leftOut} rows more, which are in the totals.`] : []),
      ].join('\n'),
      data: { ...reportToJson(shown), rows_left_out: leftOut, notes },
    };
  },
});
