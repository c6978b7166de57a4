import { Command, Option } from 'commander';
import { known } from '../base/read.ts';
import { formatInvoice, invoiceToCsv, invoiceToHtml, invoiceToJson } from '../reports/format-invoice.ts';
import { type Invoice, invoice } from '../reports/invoice.ts';
import { readRateCards } from './rate-cards.ts';
import { addPeriodOptions, type CliOutput, dbOption, widthOf } from './command.ts';
import { withLedger } from './with-ledger.ts';

interface InvoiceCommandOptions {
  readonly db: string;
  readonly customer: string;
  readonly month?: string;
  readonly tz?: string;
  readonly prices?: string;
  readonly fee?: string;
  readonly minimum?: string;
  readonly format: keyof typeof FORMATS;
  readonly json?: true;
}

const FORMATS = {
  table: formatInvoice,
  csv: invoiceToCsv,
  json: (invoice: Invoice) => `${JSON.stringify(invoiceToJson(invoice), null, 2)}\n`,
  html: invoiceToHtml,
} as const satisfies Record<string, (invoice: Invoice, width: number) => string>;

/** `costspan invoice`: what a customer is to pay for a month. */
export function invoiceCommand(output: CliOutput): Command {
  const command = new Command('invoice')
    .description('what a customer is to pay for a month, from the rate cards of a price file; a preview')
    .addOption(dbOption())
    .requiredOption('--customer <customer>', 'whose')
    .option(
      '--prices <file>',
      'the price file with rate_cards (default: what each call was charged when it was metered)',
    );
  return addPeriodOptions(command, ['month', 'tz'])
    .option('--fee <amount>', 'a fee for the month, beside what its calls are charged')
    .option('--minimum <amount>', 'the least the month is charged, fee included')
    .addOption(
      new Option('--format <format>', 'how to print it').choices(Object.keys(FORMATS)).default('table'),
    )
    .addOption(new Option('--json', 'same as --format json').conflicts('format'))
    .addHelpText(
      'after',
      '\nExamples:\n  costspan invoice --customer acme --prices costspan.prices.yaml\n  costspan invoice --customer acme --month 2026-11 --format html > acme.html\n',
    )
    .action(async (options: InvoiceCommandOptions) => {
      const { customer, month, tz: timeZone, prices, fee, minimum, json, format } = options;
      const cards = prices === undefined ? undefined : readRateCards(prices);
      const found = await withLedger(options.db, (ledger) =>
        invoice(ledger, { customer, ...known({ month, timeZone, fee, minimum, ...cards }) }),
      );
      output.stdout.write(FORMATS[json === true ? 'json' : format](found, widthOf(output)));
    });
}
