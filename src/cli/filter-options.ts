import { type Command, Option } from 'commander';
import { ConfigError, describe } from '../base/errors.ts';
import { known } from '../base/read.ts';
import type { EventFilter } from '../ledger/ledger.ts';
import { addPeriodOptions, argument, periodOf, type PeriodOptions } from './command.ts';

/** The options that narrow down which calls a command is about; the same on every command that reads. */
export interface FilterOptions extends PeriodOptions {
  readonly customer?: string;
  readonly unattributed?: true;
  readonly provider?: string;
  readonly model?: string;
  readonly operation?: string;
  readonly service?: string;
  readonly status?: NonNullable<EventFilter['status']>;
  readonly costStatus?: NonNullable<EventFilter['costStatus']>;
  readonly unpriced?: true;
  readonly context?: Readonly<Record<string, string>>;
}

export function addFilterOptions(command: Command): Command {
  return addPeriodOptions(command)
    .option('--customer <customer>', 'calls billed to this customer')
    .addOption(new Option('--unattributed', 'calls nobody was named for').conflicts('customer'))
    .option('--provider <provider>', 'calls to this provider')
    .option('--model <model>', 'calls to this model')
    .option('--operation <operation>', 'calls of this kind: chat, embeddings, …')
    .option('--service <service>', 'calls made by this service')
    .addOption(
      new Option('--status <status>', 'how calls ended').choices(['ok', 'error', 'aborted', 'partial']),
    )
    .addOption(
      new Option('--cost-status <status>', 'what is known of the cost').choices([
        'priced',
        'free',
        'unpriced',
      ]),
    )
    .option('--unpriced', 'calls whose cost is not known yet')
    .addOption(
      new Option(
        '--context <name=value>',
        "calls with this context entry, '*' for any text; may be repeated",
      ).argParser((text: string, previous: Readonly<Record<string, string>> | undefined) => ({
        ...previous,
        ...argument(parseContext)(text),
      })),
    );
}

/** @throws {ConfigError} for a period that ends before it begins. */
export function filterOf(options: FilterOptions): EventFilter {
  const {
    customer,
    unattributed,
    provider,
    model,
    operation,
    service,
    status,
    costStatus,
    unpriced,
    context,
  } = options;
  return {
    ...periodOf(options),
    ...known({
      customer,
      unattributed,
      provider,
      model,
      operation,
      service,
      status,
      costStatus,
      unpriced,
      context,
    }),
  };
}

function parseContext(text: string): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { [text.slice(0, at)]: text.slice(at + 1) };
  throw new ConfigError(`Expected a context entry like feature=chat, got ${describe(text)}.`);
}
