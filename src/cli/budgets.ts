import { Command } from 'commander';
import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import type { Budget } from '../budgets/budget.ts';
import { budgetFromJson, budgetToJson } from '../budgets/definition.ts';
import { printable } from '../reports/labels.ts';
import { layOut } from '../reports/table.ts';
import { budgetsIn, budgetsOf, budgetStates, checkId, storeOf } from './budgets/standing.ts';
import { stateToJson, statesTable } from './budgets/states.ts';
import { tokenCommand } from './budgets/token.ts';
import { type CliOutput, dbOption, widthOf } from './command.ts';
import { withLedger, withWritableLedger } from './with-ledger.ts';

interface BudgetOptions {
  readonly db: string;
  readonly id?: string;
  readonly customer?: string;
  readonly file?: string;
  readonly json?: true;
  readonly limit?: string;
  readonly period?: string;
  readonly match?: readonly string[];
  readonly each?: readonly string[];
  readonly action?: string;
  readonly mode?: string;
  readonly measure?: string;
  readonly currency?: string;
  readonly timeZone?: string;
  readonly maxCost?: string;
}

/** `costspan budgets`: the budgets kept in the ledger, and how far they are used. */
export function budgetsCommand(output: CliOutput): Command {
  return new Command('budgets')
    .description('the budgets kept in the ledger, and how far they are used')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan budgets set per-customer --limit 50 --period month --each customer --action block\n  costspan budgets status --customer acme\n',
    )
    .addCommand(listCommand(output))
    .addCommand(statusCommand(output))
    .addCommand(setCommand(output))
    .addCommand(removeCommand(output))
    .addCommand(historyCommand(output))
    .addCommand(tokenCommand(output));
}

function listCommand(output: CliOutput): Command {
  return new Command('list')
    .description('the budgets that are kept in the ledger')
    .addOption(dbOption())
    .option('--json', 'as JSON')
    .action(async ({ db, json }: BudgetOptions) => {
      const budgets = await withLedger(db, (ledger) => budgetsIn(storeOf(ledger)));
      const rows = budgets.map((budget) => [
        budget.id,
        Object.entries(budget.match)
          .map(([key, value]) => `${key}=${value}`)
          .join(' '),
        budget.each.join(' '),
        typeof budget.period === 'string' ? budget.period : budget.period.rolling,
        budget.action,
        `${budget.limit} ${unitOf(budget)}`,
      ]);
      output.stdout.write(
        json === true
          ? `${JSON.stringify(budgets.map(budgetToJson), null, 2)}\n`
          : rows.length === 0
            ? 'No budgets are kept in this ledger. Those given in code stand with the code.\n'
            : `${layOut(['budget', 'match', 'each', 'period', 'action', 'limit'], rows, { names: 5, width: widthOf(output) }).join('\n')}\n`,
      );
    });
}

function statusCommand(output: CliOutput): Command {
  return new Command('status')
    .description('how far each budget is used, in its period of now')
    .addOption(dbOption())
    .option('--id <id>', 'this budget alone')
    .option('--customer <customer>', 'scopes of this customer alone')
    .option('--file <path>', 'with the budgets of this file: costspan.budgets.yaml')
    .option('--json', 'as JSON')
    .action(async ({ db, id, customer, file, json }: BudgetOptions) => {
      const states = await withLedger(db, async (ledger) =>
        budgetStates(ledger, known({ id, customer }), await budgetsOf(ledger, file)),
      );
      output.stdout.write(
        json === true
          ? `${JSON.stringify(states.map(stateToJson), null, 2)}\n`
          : statesTable(states, widthOf(output)),
      );
    });
}

function setCommand({ stdout }: CliOutput): Command {
  return new Command('set')
    .description('keep a budget in the ledger; running processes pick it up within seconds')
    .argument('<id>', 'under which its counters are kept')
    .requiredOption('--limit <amount>', 'a decimal amount, or a number of tokens or calls')
    .requiredOption('--period <period>', 'hour, day, week, month, total, or a window such as 24h')
    .addOption(dbOption())
    .option('--match <key=value...>', 'fixed values: feature=chat')
    .option('--each <key...>', 'one budget per value: customer')
    .option('--action <action>', 'alert, warn or block')
    .option('--mode <mode>', 'observe, check, hold or strict')
    .option('--measure <measure>', 'cost, charge, tokens or calls')
    .option('--currency <currency>', 'of cost and charge')
    .option('--time-zone <zone>', 'where the period begins: Europe/Berlin')
    .option('--max-cost <amount>', 'the most that one request may cost')
    .action(async (id: string, { db, match, period = '', ...options }: BudgetOptions) => {
      const {
        each,
        limit,
        action,
        mode,
        measure,
        currency,
        timeZone: time_zone,
        maxCost: max_cost,
      } = options;
      const budget = budgetFromJson(`budget '${id}'`, {
        id,
        period: /^\d/.test(period) ? { rolling: period } : period,
        ...known({
          match: match && pairsOf(match),
          each,
          limit,
          action,
          mode,
          measure,
          currency,
          time_zone,
          max_cost,
        }),
      });
      await withWritableLedger(db, async (ledger) =>
        storeOf(ledger).definitions.put(id, JSON.stringify(budgetToJson(budget))),
      );
      stdout.write(`Budget ${printable(id)} is kept. Running processes pick it up within seconds.\n`);
    });
}

function removeCommand({ stdout }: CliOutput): Command {
  return new Command('remove')
    .description('forget a budget that is kept in the ledger; what was counted stays')
    .argument('<id>', 'its id')
    .addOption(dbOption())
    .action(async (id: string, { db }: BudgetOptions) => {
      await withWritableLedger(db, async (ledger) => {
        const store = storeOf(ledger);
        checkId(id, await budgetsIn(store));
        await store.definitions.remove(id);
      });
      stdout.write(`Budget ${printable(id)} is forgotten. What it counted stays.\n`);
    });
}

function historyCommand(output: CliOutput): Command {
  return new Command('history')
    .description('the thresholds that webhooks were told, or are to be told, newest first')
    .addOption(dbOption())
    .option('--json', 'as JSON')
    .action(async ({ db, json }: BudgetOptions) => {
      const notices = await withLedger(db, async (ledger) => storeOf(ledger).notices.history(100));
      const rows = notices.map(({ id, createdAt, attempts, told }) => [
        createdAt.toISOString(),
        id,
        told ? 'told' : `waits, ${attempts} attempts failed`,
      ]);
      output.stdout.write(
        json === true
          ? `${JSON.stringify(notices, null, 2)}\n`
          : rows.length === 0
            ? 'No threshold was passed yet that a webhook is to hear of.\n'
            : `${layOut(['time', 'threshold', ''], rows, { names: 3, width: widthOf(output) }).join('\n')}\n`,
      );
    });
}

/** `feature=chat` → `{ feature: 'chat' }` */
function pairsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0) throw new ConfigError(`--match: expected key=value such as feature=chat, got '${pair}'.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function unitOf({ measure, currency }: Budget): string {
  return measure === 'cost' || measure === 'charge' ? currency : measure;
}
