import { Argument, Command, Option } from 'commander';
import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import type { CostLedger, Dimension } from '../ledger/ledger.ts';
import { formatCsv } from '../reports/format-csv.ts';
import { formatJson } from '../reports/format-json.ts';
import { formatTable } from '../reports/format-table.ts';
import { cacheSavings } from '../reports/insights/cache-savings.ts';
import { forecast } from '../reports/insights/forecast.ts';
import { margins } from '../reports/insights/margins.ts';
import { outliers } from '../reports/insights/outliers.ts';
import { peaks, weekHours } from '../reports/insights/peaks.ts';
import {
  cacheSheet,
  forecastSheet,
  marginSheet,
  outlierSheet,
  peakSheet,
  trendSheet,
  weekSheet,
} from '../reports/insights/sheets.ts';
import { trend } from '../reports/insights/trend.ts';
import { report as askForReport } from '../reports/report.ts';
import { type Sheet, sheetToCsv, sheetToJson, sheetToTable } from '../reports/sheet.ts';
import { argument, type CliOutput, dbOption, parseCount, parseDimensions, widthOf } from './command.ts';
import { explainEmpty } from './empty-answer.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.ts';
import { withLedger } from './with-ledger.ts';

interface ReportCommandOptions extends FilterOptions {
  readonly db: string;
  readonly by?: readonly Dimension[];
  readonly top?: number;
  readonly format: 'table' | 'json' | 'csv';
  readonly json?: true;
}

/** Answers of one question each; `spend`, the default, is grouped as you like. */
const QUESTIONS: Readonly<
  Record<string, (ledger: CostLedger, options: ReportCommandOptions) => Promise<Sheet>>
> = {
  trend: async (ledger, options) => {
    const { start, end, ...filter } = filterOf(options);
    if (start !== undefined || end !== undefined)
      throw new ConfigError('report trend is about spans until now: it takes no period.');
    return trendSheet(await trend(ledger, { ...filter, ...zoneOf(options) }), options.tz ?? 'UTC');
  },
  peaks: async (ledger, options) =>
    peakSheet(
      await peaks(ledger, { ...filterOf(options), ...zoneOf(options), ...known({ top: options.top }) }),
      options.tz ?? 'UTC',
    ),
  week: async (ledger, options) =>
    weekSheet(await weekHours(ledger, { ...filterOf(options), ...zoneOf(options) }), options.tz ?? 'UTC'),
  cache: async (ledger, options) => cacheSheet(await cacheSavings(ledger, filterOf(options))),
  outliers: async (ledger, options) =>
    outlierSheet(await outliers(ledger, { ...filterOf(options), ...known({ top: options.top }) })),
  forecast: async (ledger, options) => {
    const { start: _, end: __, ...filter } = filterOf(options);
    return forecastSheet(await forecast(ledger, { ...filter, ...zoneOf(options) }), options.tz ?? 'UTC');
  },
  margin: async (ledger, options) => marginSheet(await margins(ledger, filterOf(options))),
};

function zoneOf({ tz }: ReportCommandOptions): { timeZone?: string } {
  return known({ timeZone: tz });
}

/** `costspan report`: what a period cost, by customer, model or anything else the events say. */
export function reportCommand(output: CliOutput): Command {
  const command = new Command('report')
    .description('what the calls of a period cost, by customer or anything else')
    .addArgument(
      new Argument('[question]', 'spend, grouped; or another question')
        .choices(['spend', ...Object.keys(QUESTIONS)])
        .default('spend'),
    )
    .addOption(dbOption())
    .addOption(
      new Option(
        '--by <dimensions>',
        'spend: group by these, in this order: customer, model, context.feature, day, week, … (default: customer)',
      ).argParser(argument(parseDimensions)),
    )
    .addOption(new Option('--top <count>', 'the largest so many').argParser(argument(parseCount)));
  return addFilterOptions(command)
    .addOption(
      new Option('--format <format>', 'how to print it').choices(['table', 'json', 'csv']).default('table'),
    )
    .addOption(new Option('--json', 'same as --format json').conflicts('format'))
    .addHelpText(
      'after',
      '\nExamples:\n  costspan report --by customer,model --month 2026-11 --tz Europe/Berlin\n  costspan report --by day --customer acme --since 30d\n  costspan report trend\n  costspan report forecast --customer acme\n',
    )
    .action(async (question: string, options: ReportCommandOptions) => {
      const format = options.json === true ? 'json' : options.format;
      const ask = QUESTIONS[question];
      if (ask !== undefined && options.by !== undefined)
        throw new ConfigError(`report ${question} groups by itself: leave out --by.`);
      const text = await withLedger(options.db, async (ledger) =>
        ask === undefined
          ? spend(ledger, options, format, output)
          : printed(await ask(ledger, options), format, output),
      );
      output.stdout.write(text);
    });
}

async function spend(
  ledger: CostLedger,
  options: ReportCommandOptions,
  format: ReportCommandOptions['format'],
  output: CliOutput,
): Promise<string> {
  const { by = ['customer'], top } = options;
  const found = await askForReport(ledger, { ...filterOf(options), by, ...zoneOf(options) });
  if (found.lines.length === 0) await explainEmpty(output, ledger, options);
  const shown = top === undefined ? found : { ...found, lines: found.lines.slice(0, top) };
  if (format === 'json') return formatJson(shown);
  if (format === 'csv') return formatCsv(shown);
  const rest = found.lines.length - shown.lines.length;
  return `${formatTable(shown, widthOf(output))}${rest > 0 ? `… and ${rest} lines more, which are in the total.\n` : ''}`;
}

function printed(sheet: Sheet, format: ReportCommandOptions['format'], output: CliOutput): string {
  if (format === 'json') return `${JSON.stringify(sheetToJson(sheet), null, 2)}\n`;
  return format === 'csv' ? sheetToCsv(sheet) : sheetToTable(sheet, widthOf(output));
}
