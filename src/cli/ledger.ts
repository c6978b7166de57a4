import { statSync } from 'node:fs';
import { Command } from 'commander';
import { add, exact, formatDecimal, subtract, ZERO } from '../base/decimal.ts';
import { CostspanError } from '../base/errors.ts';
import type { CostRow, OpenedLedger } from '../ledger/ledger.ts';
import { type CliOutput, dbOption } from './command.ts';
import { withLedger, withWritableLedger } from './with-ledger.ts';

interface LedgerOptions {
  readonly db: string;
  readonly json?: true;
  readonly drop?: true;
}

/** `costspan ledger`: the file or database itself. */
export function ledgerCommand(output: CliOutput): Command {
  const subcommand = (
    name: string,
    description: string,
    action: (options: LedgerOptions) => Promise<readonly [object, string]>,
  ): Command =>
    new Command(name)
      .description(description)
      .addOption(dbOption())
      .option('--json', 'as JSON')
      .action(async (options: LedgerOptions) => {
        const [json, text] = await action(options);
        output.stdout.write(options.json === true ? `${JSON.stringify(json)}\n` : `${text}\n`);
      });
  return new Command('ledger')
    .description('the ledger itself: what is in it, whether its sums are right')
    .addHelpText('after', '\nExamples:\n  costspan ledger info --db costs.db\n  costspan ledger verify\n')
    .addCommand(subcommand('info', 'how much is in it, since when, and what waits for other sinks', info))
    .addCommand(
      subcommand(
        'verify',
        'add up every event again and compare with the sums that reports use; exit code 1 where they differ',
        verify,
      ),
    )
    .addCommand(subcommand('rebuild', 'make the sums again from the events', rebuild))
    .addCommand(subcommand('migrate', 'bring a ledger of an older version to this one', migrate))
    .addCommand(
      subcommand(
        'index',
        'find response and trace ids in a large file at once; keeping an event costs more from then on',
        index,
      ).option('--drop', 'do without it again'),
    );
}

async function info({ db }: LedgerOptions): Promise<readonly [object, string]> {
  return withLedger(db, async (ledger) => {
    const rows = await ledger.query();
    const first = await firstOf(ledger, 'asc');
    const last = await firstOf(ledger, 'desc');
    const sinks = await ledger.outboxAdmin.sinks();
    const json = {
      events: rows.reduce((sum, { events }) => sum + events, 0),
      totals: rows.map(({ currency, amount, unpriced, estimated }) => ({
        currency,
        amount,
        unpriced,
        estimated,
      })),
      first: first ?? null,
      last: last ?? null,
      bytes: sizeOf(db),
      sinks: sinks.map(({ sink, pending, dead }) => ({ sink, pending, dead })),
    };
    const text = [
      `calls: ${json.events}`,
      ...rows.map(
        ({ currency, amount, unpriced }) =>
          `cost: ${currency} ${amount}${unpriced > 0 ? `, ${unpriced} calls unpriced` : ''}`,
      ),
      ...(first === undefined ? [] : [`from ${first} until ${last ?? first}`]),
      ...(json.bytes === null ? [] : [`size: ${(json.bytes / 1e6).toFixed(1)} MB`]),
      ...sinks.map(({ sink, pending, dead }) => `sink ${sink}: ${pending} pending, ${dead} dead`),
    ].join('\n');
    return [json, text];
  });
}

async function firstOf(ledger: OpenedLedger, order: 'asc' | 'desc'): Promise<string | undefined> {
  for await (const { timestamp } of ledger.events({ order, limit: 1 })) return timestamp.toISOString();
  return undefined;
}

function sizeOf(db: string): number | null {
  return statSync(db, { throwIfNoEntry: false })?.size ?? null;
}

async function verify({ db }: LedgerOptions): Promise<readonly [object, string]> {
  return withLedger(db, async (ledger) => {
    const kept = new Map((await ledger.query()).map((row) => [row.currency, row]));
    const sums = new Map<string, { events: number; amount: ReturnType<typeof exact> }>();
    let events = 0;
    for await (const { kind, cost } of ledger.events()) {
      if (kind === 'usage') events += 1;
      if (cost.amount === undefined) continue;
      const sum = sums.get(cost.currency ?? 'USD') ?? { events: 0, amount: ZERO };
      sums.set(cost.currency ?? 'USD', {
        events: sum.events + 1,
        amount: add(sum.amount, exact(cost.amount)),
      });
    }
    const wrong = [...sums].flatMap(([currency, { amount }]) => {
      const difference = formatDecimal(subtract(amount, exact(kept.get(currency)?.amount ?? '0')));
      return difference === '0' ? [] : [{ currency, difference }];
    });
    const counted = [...kept.values()].reduce((sum: number, row: CostRow) => sum + row.events, 0);
    if (wrong.length > 0 || counted !== events)
      throw new CostspanError(
        'LEDGER_SUMS_WRONG',
        `The sums are not those of the events: ${[...wrong.map(({ currency, difference }) => `${currency} ${difference}`), ...(counted === events ? [] : [`${events - counted} calls`])].join(', ')} missing. Make them again with: costspan ledger rebuild`,
      );
    return [{ events, ok: true }, `${events} calls added up again: every sum is right.`] as const;
  });
}

async function rebuild({ db }: LedgerOptions): Promise<readonly [object, string]> {
  await withWritableLedger(db, (ledger) => ledger.rebuild());
  return [{ rebuilt: true }, 'The sums are made again from the events.'];
}

/** Opening a ledger to write brings it to this version. */
async function migrate({ db }: LedgerOptions): Promise<readonly [object, string]> {
  await withWritableLedger(db, (ledger) => ledger.flush());
  return [{ migrated: true }, `${db} is a ledger of this version.`];
}

/** PostgreSQL has the index always. */
async function index({ db, drop }: LedgerOptions): Promise<readonly [object, string]> {
  const indexed = drop !== true;
  await withWritableLedger(db, async (ledger) => ledger.keepLookupIndex?.(indexed));
  const text = indexed
    ? 'Response and trace ids are found by an index.'
    : 'Response and trace ids are looked for among the events of the period.';
  return [{ indexed }, text];
}
