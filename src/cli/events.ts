import { once } from 'node:events';
import { Command, Option } from 'commander';
import type { EventFilter } from '../ledger/ledger.ts';
import { eventLine } from '../reports/event-line.ts';
import { known } from '../usage/read.ts';
import {
  addPeriodOptions,
  argument,
  type CliOutput,
  dbOption,
  parseCount,
  periodOf,
  type PeriodOptions,
} from './command.ts';
import { withLedger } from './ledger.ts';

interface EventsOptions extends PeriodOptions {
  readonly db: string;
  readonly id?: string;
  readonly customer?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly unattributed?: true;
  readonly unpriced?: true;
  readonly limit?: number;
  readonly json?: true;
}

/** `costspan events`: the calls themselves, oldest first, one line each. */
export function eventsCommand({ stdout }: CliOutput): Command {
  const command = new Command('events')
    .description('the cost events themselves, oldest first')
    .addOption(dbOption())
    .option('--id <id>', 'the event with this id')
    .option('--customer <customer>', 'calls billed to this customer')
    .option('--provider <provider>', 'calls to this provider')
    .option('--model <model>', 'calls to this model')
    .addOption(new Option('--unattributed', 'calls nobody was named for').conflicts('customer'))
    .option('--unpriced', 'calls without a known price');
  return addPeriodOptions(command)
    .addOption(new Option('--limit <count>', 'at most so many').argParser(argument(parseCount)))
    .option('--json', 'one JSON object per line, in the form of the cost event')
    .action(async (options: EventsOptions) => {
      await withLedger(options.db, async (ledger) => {
        for await (const event of ledger.events(filterOf(options))) {
          const line = options.json === true ? JSON.stringify(event) : eventLine(event);
          if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
        }
      });
    });
}

function filterOf(options: EventsOptions): EventFilter {
  const { id, customer, provider, model, unattributed, unpriced, limit } = options;
  return {
    ...periodOf(options),
    ...known({ id, customer, provider, model, unattributed, unpriced, limit }),
  };
}
