import { Command } from 'commander';
import { openLedgerFile } from '../ledger/open-ledger-file.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { adjustmentOf, repriceEvent, type Repricing } from '../metering/reprice.ts';
import { defaultPriceList } from '../pricing/default-price-list.ts';
import { sumDecimals } from '../pricing/money.ts';
import type { PriceList } from '../pricing/price.ts';
import { derivedEventId } from '../providers/event-id.ts';
import { printable } from '../reports/labels.ts';
import { userPrices } from '../metering/user-prices.ts';
import { addPeriodOptions, type CliOutput, dbOption, periodOf, type PeriodOptions } from './command.ts';
import { withLedger } from './ledger.ts';

interface RepriceOptions extends PeriodOptions {
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
    .addOption(dbOption())
    .option('--prices <file>', 'your own price file (costspan.prices.yaml)')
    .option('--all', 'price the priced events again, too, and book the difference')
    .option('--dry-run', 'show the differences and write nothing');
  return addPeriodOptions(command)
    .option('--json', 'one JSON object per change')
    .action(async (options: RepriceOptions) => {
      const changes = await findChanges(options);
      for (const change of changes)
        stdout.write(`${options.json === true ? toJson(change) : line(change)}\n`);
      if (options.dryRun !== true && changes.length > 0) await book(options.db, changes);
      if (options.json !== true) stdout.write(`${summary(changes, options.dryRun === true)}\n`);
    });
}

async function findChanges(options: RepriceOptions): Promise<readonly Repricing[]> {
  const prices: readonly PriceList[] = [
    options.prices === undefined ? defaultPriceList : userPrices(options.prices),
  ];
  return withLedger(options.db, async (ledger) => {
    const adjustments = new Map<string, CostEvent[]>();
    const candidates: CostEvent[] = [];
    for await (const event of ledger.events(periodOf(options))) {
      if (event.adjusts !== undefined) {
        adjustments.set(event.adjusts, [...(adjustments.get(event.adjusts) ?? []), event]);
      } else if (options.all === true || event.cost.status === 'unpriced') candidates.push(event);
    }
    return candidates.flatMap((event) => {
      const booked = adjustments.get(event.id) ?? [];
      // Priced once, an unpriced event is only looked at again when everything is.
      if (booked.length > 0 && options.all !== true) return [];
      return repriceEvent(event, booked, prices) ?? [];
    });
  });
}

/** The same repricing has the same id, so that running twice books once. */
async function book(path: string, changes: readonly Repricing[]): Promise<void> {
  const ledger = openLedgerFile(path, { readOnly: false });
  try {
    await ledger.write(changes.map((change) => adjustmentOf(change, adjustmentId(change))));
    await ledger.flush();
  } finally {
    await ledger.shutdown();
  }
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
