import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { SqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts';
import { known } from '../base/read.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { printable } from '../reports/labels.ts';
import { isDatabaseUrl, openLedger } from './open-ledger.ts';
import { type CliOutput, dbOption } from './command.ts';
import { importFile, type ImportResult } from './import/import-file.ts';
import { SOURCES } from './import/sources.ts';

interface ImportCommandOptions {
  readonly db: string;
  readonly from?: string;
  readonly customer?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `costspan import <file>`: the calls another tool has kept, or events of our own, into a ledger; as often as you like. */
export function importCommand({ stdout }: CliOutput): Command {
  return new Command('import')
    .description(
      'bring calls that another tool has kept into the ledger; what is there already stays as it is',
    )
    .argument('<file>', 'an SQLite database, JSON, JSON lines or CSV; gzipped JSON, too')
    .addOption(dbOption())
    .option(
      '--from <source>',
      `whose file it is: costspan, ${SOURCES.map(({ name }) => name).join(', ')} (default: told by each row)`,
    )
    .option('--customer <customer>', 'who pays for calls that name nobody')
    .option('--dry-run', 'say what would be imported, and write nothing')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan import llm_cost_events.db --customer acme\n  costspan import spend_logs.csv --from litellm --dry-run\n',
    )
    .action(async (file: string, options: ImportCommandOptions) => {
      const { db, from, customer, dryRun, json } = options;
      const isFile = !isDatabaseUrl(db);
      if (isFile && !existsSync(db) && dryRun !== true) await new SqliteLedger({ path: db }).shutdown();
      const isNew = isFile && !existsSync(db);
      const ledger = isNew
        ? new SqliteLedger({ path: ':memory:' })
        : await openLedger(db, { readOnly: dryRun === true });
      try {
        const result = await importFile(file, ledger, {
          prices: [defaultPriceList],
          ...known({ from, customer, dryRun }),
        });
        stdout.write(json === true ? `${JSON.stringify(toJson(result))}\n` : toText(result, dryRun === true));
      } finally {
        await ledger.shutdown();
      }
    });
}

function toText(result: ImportResult, isDry: boolean): string {
  const { rows, imported, already, skipped, refused, moreRefused, unpriced, unattributed, notCarried } =
    result;
  const missing = Object.entries(notCarried).map(([name, count]) => `  ${printable(name)} (${count})`);
  return [
    `${rows} rows read: ${imported} ${isDry ? 'would be imported' : 'imported'}, ${already} already there, ${skipped} no calls, ${refused.length + moreRefused} refused.`,
    ...(unpriced > 0 ? [`unpriced: ${unpriced} calls, see costspan prices missing`] : []),
    ...(unattributed > 0
      ? [`unattributed: ${unattributed} calls name nobody; --customer says who pays for them`]
      : []),
    ...(missing.length > 0 ? ['not carried over:', ...missing] : []),
    ...refused.map(({ place, reason }) => `refused: ${place}: ${printable(reason)}`),
    ...(moreRefused > 0 ? [`refused: ${moreRefused} more`] : []),
    '',
  ].join('\n');
}

function toJson({ moreRefused, notCarried, ...result }: ImportResult): object {
  return { ...result, more_refused: moreRefused, not_carried: notCarried };
}
