import { once } from 'node:events';
import { Argument, Command } from 'commander';
import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import {
  EXPORT_FORMATS,
  ExportCounts,
  type ExportFormat,
  exportLines,
  type ExportOptions,
  exportToFile,
} from '../reports/export.ts';
import type { OpenedLedger } from '../ledger/ledger.ts';
import { lastMonth, monthWindow } from '../reports/period.ts';
import { type CliOutput, dbOption, periodOf } from './command.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.ts';
import { progressOf } from './progress.ts';
import { withLedger } from './with-ledger.ts';

interface ExportCommandOptions extends FilterOptions {
  readonly db: string;
  readonly out?: string;
  readonly gzip?: true;
  readonly tags?: string;
  readonly currency?: string;
  readonly json?: true;
}

/** `costspan export <format>`: a window of the ledger for another program. */
export function exportCommand(output: CliOutput): Command {
  const command = new Command('export')
    .description('a month or another window of the ledger, for another program; last month by default')
    .addArgument(new Argument('<format>', 'what to write').choices([...EXPORT_FORMATS]))
    .addOption(dbOption())
    .option('--out <file>', 'write a file and <file>.manifest.json instead of stdout')
    .option('--gzip', 'compress the file')
    .option('--tags <names>', 'context entries that become FOCUS tags: feature,project')
    .option('--currency <code>', 'accounting: the currency, where there are several');
  return addFilterOptions(command)
    .option('--json', 'with --out: the manifest on stdout as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan export accounting --month 2026-11 --tz Europe/Berlin > november.csv\n  costspan export focus --out focus.csv.gz --gzip\n  costspan export ndjson --since 7d --customer acme\n  costspan export parquet --month 2026-11 --out november.parquet   # npm install hyparquet-writer\n\nThe same window of the same events gives the same bytes, so a cron job may repeat it.\n',
    )
    .action(async (format: ExportFormat, options: ExportCommandOptions) => {
      const exported = optionsOf(format, options);
      await withLedger(options.db, async (ledger) => {
        if (options.out !== undefined) return toFile(output, ledger, options.out, options, exported);
        if (options.gzip === true) throw new ConfigError('--gzip compresses a file: name it with --out.');
        if (format === 'parquet') throw new ConfigError('Parquet is a file, not text: name it with --out.');
        const counts = new ExportCounts();
        for await (const part of exportLines(ledger, exported, counts)) {
          if (!output.stdout.write(part)) await once(output.stdout, 'drain');
        }
        if (format === 'focus' && counts.unpriced > 0)
          output.stderr.write(
            `unpriced: ${counts.unpriced} calls are not in the file, because FOCUS cannot say "unknown". See: costspan prices missing\n`,
          );
      });
    });
}

function optionsOf(format: ExportFormat, options: ExportCommandOptions): ExportOptions {
  const { tz = 'UTC', tags, currency } = options;
  const { start, end } = periodOf(options);
  const hasPeriod = start !== undefined || end !== undefined;
  const month = options.month ?? (hasPeriod ? undefined : lastMonth(new Date(), tz));
  if (format === 'accounting' && month === undefined)
    throw new ConfigError(
      'export accounting is about a whole month: give --month 2026-11 instead of --since and --until.',
    );
  const window =
    month === undefined ? { start: start ?? new Date(0), end: end ?? new Date() } : monthWindow(month, tz);
  const { start: _, end: __, ...filter } = filterOf(options);
  return {
    format,
    window,
    timeZone: tz,
    filter,
    ...known({ month, currency, tags: tags?.split(',').map((name) => name.trim()) }),
  };
}

async function toFile(
  output: CliOutput,
  ledger: OpenedLedger,
  out: string,
  { json, gzip }: ExportCommandOptions,
  exported: ExportOptions,
): Promise<void> {
  const progress = await progressOf(output, async () => {
    const rows = await ledger.query({ ...exported.filter, ...exported.window });
    return rows.reduce((sum, { events }) => sum + events, 0);
  });
  const manifest = await exportToFile(ledger, out, {
    ...exported,
    ...known({ gzip }),
    hear: () => progress.hear(),
  }).finally(() => progress.end());
  const sums = Object.entries(manifest.sum).map(([currency, sum]) => `${currency} ${sum}`);
  const unpriced = manifest.unpriced === 0 ? '' : `, ${manifest.unpriced} calls unpriced`;
  output.stdout.write(
    json === true
      ? `${JSON.stringify(manifest)}\n`
      : `${out}: ${manifest.rows} rows, ${sums.join(', ') || 'no cost'}${unpriced}, sha256 ${manifest.sha256}\n`,
  );
}
