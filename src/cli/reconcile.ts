import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { fromEnvironment } from '../base/environment.ts';
import { ConfigError, CostspanError, messageOf } from '../base/errors.ts';
import { known } from '../base/read.ts';
import { formatReconciliation, reconciliationToJson } from '../reports/reconcile/format-reconciliation.ts';
import { fetchProviderReport } from '../reports/reconcile/fetch-report.ts';
import type { ReportingProvider } from '../reports/reconcile/provider-report.ts';
import { readProviderReport, SOURCES } from '../reports/reconcile/read-report.ts';
import { reconcile } from '../reports/reconcile/reconcile.ts';
import { argument, type CliOutput, dbOption, widthOf } from './command.ts';
import { parseTime } from '../reports/parse-time.ts';
import { withLedger } from './with-ledger.ts';

interface ReconcileCommandOptions {
  readonly db: string;
  readonly provider: ReportingProvider;
  readonly file?: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly baseUrl?: string;
  readonly json?: true;
}

/** Where the key comes from: never from the command line, which others on the machine can read. */
const KEYS: Readonly<Record<ReportingProvider, string>> = {
  openai: 'OPENAI_ADMIN_KEY',
  anthropic: 'ANTHROPIC_ADMIN_KEY',
};

/** `costspan reconcile`: the ledger beside the provider's own report. */
export function reconcileCommand(output: CliOutput): Command {
  return new Command('reconcile')
    .description("compare the ledger with the provider's own usage and cost report, and explain the drift")
    .addOption(dbOption())
    .addOption(
      new Option('--provider <provider>', 'whose report').choices(Object.keys(SOURCES)).makeOptionMandatory(),
    )
    .option('--file <file>', 'a report that was downloaded: JSON of the API, or CSV')
    .addOption(
      new Option('--from <day>', 'ask the provider, from this UTC day on')
        .argParser(argument((text: string) => parseTime(text)))
        .conflicts('file'),
    )
    .addOption(
      new Option('--to <day>', 'until this day, which is not included (default: today)').argParser(
        argument((text: string) => parseTime(text)),
      ),
    )
    .option('--base-url <url>', "another address than the provider's own")
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nAsking needs an admin key of the organisation, in ${Object.values(KEYS).join(' or ')}.\n\nExamples:\n  costspan reconcile --provider openai --from 2026-11-01\n  costspan reconcile --provider anthropic --file usage.json\n\nThe exit code is 2 when the two differ.\n`,
    )
    .action(async (options: ReconcileCommandOptions) => {
      const report = await reportOf(options);
      const { provider, from: start, to: end } = options;
      const found = await withLedger(options.db, (ledger) =>
        reconcile(ledger, { provider, report, ...known({ start, end }) }),
      );
      output.stdout.write(
        options.json === true
          ? `${JSON.stringify(reconciliationToJson(found), null, 2)}\n`
          : formatReconciliation(found, widthOf(output)),
      );
      const { calls, inputTokens, outputTokens, cost = '0' } = found.totals.drift;
      if ([calls, inputTokens, outputTokens].some((drift) => (drift ?? 0) !== 0) || cost !== '0')
        throw new CommanderError(2, 'costspan.drift', 'the two differ');
    });
}

async function reportOf({
  provider,
  file,
  from,
  to,
  baseUrl,
}: ReconcileCommandOptions): Promise<ReturnType<typeof readProviderReport>> {
  if (file !== undefined) {
    try {
      return readProviderReport(provider, readFileSync(file, 'utf8'));
    } catch (cause) {
      if (cause instanceof CostspanError) throw cause;
      throw new ConfigError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
  const variable = KEYS[provider];
  const adminKey = fromEnvironment(variable);
  if (from === undefined)
    throw new ConfigError(
      `Say what to compare with: --file report.json, or --from 2026-11-01 and an admin key in ${variable}.`,
    );
  if (adminKey === undefined)
    throw new ConfigError(
      `To ask ${provider}, set ${variable} to an admin key of the organisation. Or download the report and name it with --file.`,
    );
  const end = to ?? new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 + 86_400_000);
  return fetchProviderReport({ provider, start: from, end, adminKey, ...known({ baseUrl }) });
}
