import { Command, Option } from 'commander';
import type { Dimension } from '../ledger/ledger.ts';
import { formatCsv } from '../reports/format-csv.ts';
import { formatJson } from '../reports/format-json.ts';
import { formatTable } from '../reports/format-table.ts';
import { askForReport, type Report } from '../reports/report.ts';
import {
  addPeriodOptions,
  argument,
  type CliOutput,
  dbOption,
  parseDimensions,
  periodOf,
  type PeriodOptions,
} from './command.ts';
import { withLedger } from './ledger.ts';

interface ReportOptions extends PeriodOptions {
  readonly db: string;
  readonly by: readonly Dimension[];
  readonly format: keyof typeof FORMATS;
  readonly json?: true;
}

const FORMATS = {
  table: formatTable,
  json: formatJson,
  csv: formatCsv,
} as const satisfies Record<string, (report: Report) => string>;

/** `costspan report`: what a period cost, by customer, model or anything else the events say. */
export function reportCommand({ stdout }: CliOutput): Command {
  const command = new Command('report')
    .description('what the calls of a period cost, by customer or anything else')
    .addOption(dbOption())
    .addOption(
      new Option(
        '--by <dimensions>',
        'group by these, in this order: customer, model, context.feature, day, …',
      )
        .argParser(argument(parseDimensions))
        .default(['customer'] satisfies Dimension[], 'customer'),
    );
  return addPeriodOptions(command)
    .addOption(
      new Option('--format <format>', 'how to print it').choices(Object.keys(FORMATS)).default('table'),
    )
    .addOption(new Option('--json', 'same as --format json').conflicts('format'))
    .action(async (options: ReportOptions) => {
      const { by, json, format } = options;
      const period = periodOf(options);
      const report = await withLedger(options.db, (ledger) => askForReport(ledger, { by, period }));
      stdout.write(FORMATS[json === true ? 'json' : format](report));
    });
}
