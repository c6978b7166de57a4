import { Command } from 'commander';
import { adjustmentOf, type Repricing } from '../metering/reprice.ts';
import { defaultPriceList } from '../pricing/shipped/default-price-list.ts';
import { sumDecimals } from '../base/decimal.ts';
import { derivedEventId } from '../calls/event-id.ts';
import { printable } from '../reports/labels.ts';
import { repricePlan } from '../reports/reprice-plan.ts';
import { userPrices } from '../metering/user-prices.ts';
import { type CliOutput, dbOption } from './command.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.ts';
import { withLedger, withWritableLedger } from './with-ledger.ts';

interface RepriceOptions extends FilterOptions {
  readonly db: string;
  readonly prices?: string;
  readonly all?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `costspan reprice`: prices what was unpriced, or corrects what was wrong, by adding adjustments. */
export function repriceCommand({ stdout }: CliOutput): Command {
  const command = new Command('reprice')
    .description('price events again with today’s price lists, by adding adjustments; nothing is rewritten')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan reprice --dry-run\n  costspan reprice --prices costspan.prices.yaml --since 30d\n',
    )
    .addOption(dbOption())
    .option('--prices <file>', 'your own price file (costspan.prices.yaml)')
    .option('--all', 'price the priced events again, too, and book the difference')
    .option('--dry-run', 'show the differences and write nothing');
  return addFilterOptions(command)
    .option('--json', 'one JSON object per change')
    .action(async (options: RepriceOptions) => {
      const changes = await findChanges(options);
      for (const change of changes)
        stdout.write(`${options.json === true ? toJson(change) : line(change)}\n`);
      if (options.dryRun !== true && changes.length > 0) await book(options.db, changes);
      if (options.json !== true) stdout.write(`${summary(changes, options.dryRun === true)}\n`);
    });
}

function findChanges(options: RepriceOptions): Promise<readonly Repricing[]> {
  const prices = [options.prices === undefined ? defaultPriceList : userPrices(options.prices)];
  return withLedger(options.db, (ledger) =>
    repricePlan(ledger, filterOf(options), { prices, all: options.all === true }),
  );
}

/** The same repricing has the same id, so that running twice books once. */
async function book(db: string, changes: readonly Repricing[]): Promise<void> {
  await withWritableLedger(db, async (ledger) => {
    await ledger.write(changes.map((change) => adjustmentOf(change, adjustmentId(change))));
    await ledger.flush();
  });
}

function adjustmentId({ event, before, after }: Repricing): string {
  return derivedEventId('reprice', event.id, before ?? 'unpriced', after.amount ?? '', after.currency ?? '');
}

function line({ event, before, after, difference }: Repricing): string {
  const sign = difference.startsWith('-') ? '' : '+';
  const model = event.responseModel ?? event.requestModel ?? '(no model)';
  return [
    event.id,
    event.timestamp.toISOString(),
    event.customer ?? '(nobody)',
    `${event.provider} ${model}`,
    `${before ?? 'unpriced'} → ${after.amount ?? ''} ${after.currency ?? ''} (${sign}${difference})`,
  ]
    .map(printable)
    .join('  ');
}

function toJson({ event, before, after, difference }: Repricing): string {
  return JSON.stringify({
    id: event.id,
    customer: event.customer,
    before: before ?? null,
    after: after.amount,
    difference,
    currency: after.currency,
    price: after.price,
  });
}

function summary(changes: readonly Repricing[], dryRun: boolean): string {
  if (changes.length === 0) return 'Nothing changes.';
  const byCurrency = Object.groupBy(changes, ({ after }) => after.currency ?? '');
  const totals = Object.entries(byCurrency).map(
    ([currency, list = []]) => `${sumDecimals(list.map(({ difference }) => difference))} ${currency}`,
  );
  const what = `${changes.length} ${changes.length === 1 ? 'adjustment' : 'adjustments'}, ${totals.join(', ')} in all`;
  return dryRun ? `Would add ${what}. Nothing was written.` : `Added ${what}.`;
}
