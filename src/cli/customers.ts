import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { ConfigError, CostspanError, messageOf } from '../base/errors.ts';
import { known, object } from '../base/read.ts';
import type { Customer, CustomerRegistry, ListedCustomer } from '../ledger/customers.ts';
import { readCell } from '../base/spreadsheet-cell.ts';
import { printable } from '../reports/labels.ts';
import { layOut } from '../reports/table.ts';
import { type CliOutput, dbOption, widthOf } from './command.ts';
import { withLedger, withWritableLedger } from './with-ledger.ts';

interface CustomerOptions {
  readonly db: string;
  readonly name?: string;
  readonly plan?: string;
  readonly rateCard?: string;
  readonly metadata?: string;
  readonly search?: string;
  readonly registered?: true;
  readonly unregistered?: true;
  readonly json?: true;
}

/** `costspan customers`: who the customers are; the events know only keys. */
export function customersCommand(output: CliOutput): Command {
  return new Command('customers')
    .description('who the customers are: names, plans and rate cards of the keys that events carry')
    .addHelpText(
      'after',
      "\nExamples:\n  costspan customers add acme --name 'Acme Corp' --plan pro\n  costspan customers list --unregistered\n",
    )
    .addCommand(listCommand(output))
    .addCommand(showCommand(output))
    .addCommand(putCommand(output, 'add', 'register a customer'))
    .addCommand(putCommand(output, 'set', 'change what is known of a customer'))
    .addCommand(removeCommand(output))
    .addCommand(mergeCommand(output))
    .addCommand(importCommand(output));
}

function listCommand(output: CliOutput): Command {
  return new Command('list')
    .description('every customer, with those that were only seen in events')
    .addOption(dbOption())
    .option('--search <text>', 'part of the key or the name')
    .option('--plan <plan>', 'on this plan')
    .option('--registered', 'registered ones alone')
    .option('--unregistered', 'keys of events that nobody registered')
    .option('--json', 'as JSON')
    .action(async ({ db, search, plan, registered, unregistered, json }: CustomerOptions) => {
      const wanted = registered === true ? true : unregistered === true ? false : undefined;
      const all = await withLedger(db, (ledger) =>
        registryOf(ledger).list(known({ search, plan, registered: wanted })),
      );
      output.stdout.write(
        json === true ? `${JSON.stringify(all.map(toJson), null, 2)}\n` : toTable(all, widthOf(output)),
      );
    });
}

function showCommand({ stdout }: CliOutput): Command {
  return new Command('show')
    .description('what is known of a customer')
    .argument('<key>', 'as events carry it')
    .addOption(dbOption())
    .option('--json', 'as JSON')
    .action(async (key: string, { db, json }: CustomerOptions) => {
      const customer = await withLedger(db, (ledger) => registryOf(ledger).get(key));
      if (customer === undefined) throw unknownCustomer(key);
      stdout.write(
        json === true
          ? `${JSON.stringify(toJson(customer), null, 2)}\n`
          : `${Object.entries(toJson(customer))
              .map(
                ([name, value]) =>
                  `${name}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
              )
              .join('\n')}\n`,
      );
    });
}

function putCommand({ stdout }: CliOutput, verb: 'add' | 'set', description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<key>', 'as events carry it')
    .addOption(dbOption())
    .option('--name <name>', 'for people')
    .option('--plan <plan>', 'rate cards and budgets may go by it')
    .option('--rate-card <name>', 'what the customer pays')
    .option('--metadata <json>', 'anything else, as a JSON object')
    .option('--json', 'what was done, as JSON')
    .action(async (key: string, { db, name, plan, rateCard, metadata, json }: CustomerOptions) => {
      await withWritableLedger(db, async (ledger) => {
        const registry = registryOf(ledger);
        const before = await registry.get(key);
        if (verb === 'add' && before !== undefined)
          throw new CostspanError(
            'CUSTOMER_EXISTS',
            `The customer '${key}' is registered already. Change it with: costspan customers set ${key}`,
          );
        if (verb === 'set' && before === undefined) throw unknownCustomer(key);
        await registry.put({
          ...before,
          key,
          ...known({
            name,
            plan,
            rateCard,
            metadata: metadata === undefined ? undefined : metadataIn(metadata),
          }),
        });
      });
      stdout.write(
        said(
          json,
          { [verb === 'add' ? 'added' : 'changed']: key },
          `${key} is ${verb === 'add' ? 'registered' : 'changed'}.`,
        ),
      );
    });
}

function removeCommand({ stdout }: CliOutput): Command {
  return new Command('remove')
    .description('forget a customer; its events stay')
    .argument('<key>', 'as events carry it')
    .addOption(dbOption())
    .option('--json', 'what was done, as JSON')
    .action(async (key: string, { db, json }: CustomerOptions) => {
      const removed = await withWritableLedger(db, (ledger) => registryOf(ledger).remove(key));
      if (!removed) throw unknownCustomer(key);
      stdout.write(said(json, { removed: key }, `${key} is forgotten. Its events are still in the ledger.`));
    });
}

function mergeCommand({ stdout }: CliOutput): Command {
  return new Command('merge')
    .description('count the events of one key as those of another from now on; events stay as they are')
    .argument('<from>', 'the key that ends')
    .argument('<into>', 'the key that goes on')
    .addOption(dbOption())
    .option('--json', 'what was done, as JSON')
    .action(async (from: string, into: string, { db, json }: CustomerOptions) => {
      await withWritableLedger(db, (ledger) => registryOf(ledger).merge(from, into));
      stdout.write(said(json, { from, into }, `Reports count ${from} as ${into}.`));
    });
}

const COLUMNS = ['key', 'name', 'plan', 'rate_card'];

function importCommand({ stdout }: CliOutput): Command {
  return new Command('import')
    .description(
      `register customers from a CSV with the columns ${COLUMNS.join(', ')}; others become metadata`,
    )
    .argument('<file>', 'the CSV file')
    .addOption(dbOption())
    .option('--json', 'the counts as JSON')
    .action(async (file: string, { db, json }: CustomerOptions) => {
      const { customers, refused } = customersIn(file);
      await withWritableLedger(db, async (ledger) => {
        for (const customer of customers) await registryOf(ledger).put(customer);
      });
      stdout.write(
        json === true
          ? `${JSON.stringify({ imported: customers.length, refused })}\n`
          : `${[`${customers.length} customers registered, ${refused.length} records refused.`, ...refused.map(({ place, reason }) => `refused: ${place}: ${reason}`)].join('\n')}\n`,
      );
    });
}

function customersIn(file: string): { customers: Customer[]; refused: { place: string; reason: string }[] } {
  let records: Record<string, string>[];
  try {
    records = parse(readFileSync(file, 'utf8'), {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      trim: true,
    }) as Record<string, string>[];
  } catch (cause) {
    throw new ConfigError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const refused: { place: string; reason: string }[] = [];
  const customers = records.flatMap((record, index) => {
    const {
      key = '',
      name,
      plan,
      rate_card: rateCard,
      ...rest
    } = Object.fromEntries(Object.entries(record).map(([column, cell]) => [column, readCell(cell)]));
    if (key === '') {
      refused.push({ place: `record ${index + 1}`, reason: 'no key' });
      return [];
    }
    const metadata = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
    return [
      {
        key,
        ...known({
          name: name || undefined,
          plan: plan || undefined,
          rateCard: rateCard || undefined,
          metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
        }),
      },
    ];
  });
  return { customers, refused };
}

function said(json: true | undefined, fields: object, text: string): string {
  return `${json === true ? JSON.stringify(fields) : text}\n`;
}

function registryOf({ customers }: { readonly customers?: CustomerRegistry }): CustomerRegistry {
  if (customers !== undefined) return customers;
  throw new CostspanError('NO_CUSTOMERS', 'This ledger keeps no customers.');
}

function unknownCustomer(key: string): CostspanError {
  return new CostspanError(
    'CUSTOMER_UNKNOWN',
    `No customer '${key}' is registered. costspan customers list --search ${key} looks for it; add registers it.`,
  );
}

function metadataIn(json: string): NonNullable<Customer['metadata']> {
  try {
    const metadata = object(JSON.parse(json));
    if (metadata !== undefined) return metadata;
  } catch {
    // Said below.
  }
  throw new ConfigError(
    `Expected --metadata to be a JSON object, got '${json}'. Example: --metadata '{"crm_id":"42"}'.`,
  );
}

function toJson({ rateCard, ...customer }: Customer & Partial<ListedCustomer>): Record<string, unknown> {
  const { mergedInto, ...rest } = customer;
  return { ...rest, ...known({ rate_card: rateCard, merged_into: mergedInto }) };
}

function toTable(customers: readonly ListedCustomer[], width: number): string {
  if (customers.length === 0) return 'No customers.\n';
  const rows = customers.map(({ key, name = '', plan = '', rateCard = '', registered, mergedInto }) =>
    [
      key,
      name,
      plan,
      rateCard,
      mergedInto === undefined ? (registered ? '' : 'seen in events') : `merged into ${mergedInto}`,
    ].map(printable),
  );
  return `${layOut(['key', 'name', 'plan', 'rate card', ''], rows, { names: 5, width }).join('\n')}\n`;
}
