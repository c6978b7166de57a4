import { once } from 'node:events';
import { Command, Option } from 'commander';
import type { EventQuery } from '../ledger/ledger.ts';
import { known } from '../base/read.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { eventLine } from '../reports/event-line.ts';
import { argument, type CliOutput, dbOption, parseCount } from './command.ts';
import { explainEmpty } from './empty-answer.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.ts';
import { withLedger } from './with-ledger.ts';

interface EventsOptions extends FilterOptions {
  readonly db: string;
  readonly id?: string;
  readonly responseId?: string;
  readonly traceId?: string;
  readonly adjusts?: string;
  readonly minCost?: string;
  readonly maxCost?: string;
  readonly limit?: number;
  readonly last?: number;
  readonly json?: true;
}

/** `costspan events`: the calls themselves, oldest first, one line each. */
export function eventsCommand(output: CliOutput): Command {
  const { stdout } = output;
  const command = new Command('events')
    .description('the cost events themselves, oldest first')
    .addOption(dbOption())
    .option('--id <id>', 'the event with this id')
    .option('--response-id <id>', "calls whose reply had this id of the provider's")
    .option('--trace-id <id>', 'calls of this trace')
    .option('--adjusts <id>', 'the corrections of the event with this id')
    .option('--min-cost <amount>', 'calls that cost at least this')
    .option('--max-cost <amount>', 'calls that cost at most this');
  return addFilterOptions(command)
    .addOption(new Option('--limit <count>', 'the first so many').argParser(argument(parseCount)))
    .addOption(
      new Option('--last <count>', 'the newest so many').argParser(argument(parseCount)).conflicts('limit'),
    )
    .option('--json', 'one JSON object per line, in the form of the cost event')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan events --last 20\n  costspan events --customer acme --status error --since 24h\n',
    )
    .action(async (options: EventsOptions) => {
      await withLedger(options.db, async (ledger) => {
        const { last } = options;
        const events = ledger.events({
          ...queryOf(options),
          ...(last === undefined ? {} : { order: 'desc', limit: last }),
        });
        let isEmpty = true;
        for await (const event of last === undefined ? events : await reversed(events)) {
          isEmpty = false;
          const line = options.json === true ? JSON.stringify(event) : eventLine(event);
          if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
        }
        if (isEmpty) await explainEmpty(output, ledger, options);
      });
    });
}

function queryOf(options: EventsOptions): EventQuery {
  const { id, responseId, traceId, adjusts, minCost, maxCost, limit } = options;
  return { ...filterOf(options), ...known({ id, responseId, traceId, adjusts, minCost, maxCost, limit }) };
}

/** The newest were asked for first; people read them oldest first. */
async function reversed(events: AsyncIterable<CostEvent>): Promise<readonly CostEvent[]> {
  const all: CostEvent[] = [];
  for await (const event of events) all.unshift(event);
  return all;
}
