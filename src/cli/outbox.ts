import { Command } from 'commander';
import { ConfigError, didYouMean } from '../errors.ts';
import { type LedgerFile, openLedgerFile } from '../ledger/open-ledger-file.ts';
import type { DeadLetter, OutboxAdmin, OutboxSelection, OutboxSummary } from '../ledger/outbox.ts';
import { known } from '../usage/read.ts';
import { type CliOutput, dbOption } from './command.ts';

interface OutboxOptions {
  readonly db: string;
  readonly sink?: string;
  readonly all?: true;
  readonly json?: true;
}

/** `costspan outbox`: what has not reached a sink yet, and what a sink refused. */
export function outboxCommand(output: CliOutput): Command {
  return new Command('outbox')
    .description('what has not reached a sink yet, and what a sink refused')
    .addCommand(listCommand(output))
    .addCommand(requeueCommand(output))
    .addCommand(purgeCommand(output))
    .addCommand(forgetCommand(output));
}

function listCommand({ stdout }: CliOutput): Command {
  return new Command('list')
    .description('every sink with what waits for it, and its dead letters with what the sink said')
    .addOption(dbOption())
    .option('--sink <name>', 'this sink alone')
    .option('--json', 'as one JSON object')
    .action(async ({ db, sink, json }: OutboxOptions) => {
      await withFile(db, true, ({ outboxAdmin }) => {
        const name = knownSink(outboxAdmin, sink);
        const sinks = outboxAdmin.sinks().filter((each) => name === undefined || each.sink === name);
        const dead = outboxAdmin.deadLetters(name);
        stdout.write(json === true ? `${JSON.stringify(toJson(sinks, dead))}\n` : toText(sinks, dead));
      });
    });
}

function requeueCommand(output: CliOutput): Command {
  return deadLetterCommand(
    output,
    'requeue',
    'offer dead letters to their sink again: those named, or --all',
    {
      change: (admin, selection) => admin.requeue(selection),
      json: (requeued) => ({ requeued }),
      text: (count) =>
        `${count} event${count === 1 ? '' : 's'} requeued. A running application offers them again by itself.`,
    },
  );
}

function purgeCommand(output: CliOutput): Command {
  return deadLetterCommand(
    output,
    'purge',
    'delete dead letters, those named or --all; the events stay in the ledger',
    {
      change: (admin, selection) => admin.purge(selection),
      json: (purged) => ({ purged }),
      text: (count) =>
        `${count} dead letter${count === 1 ? '' : 's'} deleted. The events are still in the ledger.`,
    },
  );
}

interface DeadLetterChange {
  readonly change: (admin: OutboxAdmin, selection: OutboxSelection) => number;
  readonly json: (count: number) => object;
  readonly text: (count: number) => string;
}

/** A command that does something to the dead letters it is given. */
function deadLetterCommand(
  { stdout }: CliOutput,
  name: string,
  description: string,
  { change, json, text }: DeadLetterChange,
): Command {
  return new Command(name)
    .description(description)
    .argument('[ids...]', 'event ids')
    .addOption(dbOption())
    .option('--sink <name>', 'dead letters of this sink')
    .option('--all', 'all of them')
    .option('--json', 'the count as JSON')
    .action(async (ids: string[], options: OutboxOptions) => {
      await withFile(options.db, false, ({ outboxAdmin }) => {
        const count = change(outboxAdmin, selectionOf(name, outboxAdmin, ids, options));
        stdout.write(`${options.json === true ? JSON.stringify(json(count)) : text(count)}\n`);
      });
    });
}

function forgetCommand({ stdout }: CliOutput): Command {
  return new Command('forget')
    .description('forget a sink that is no more, with all that waits for it')
    .argument('<sink>', 'its name')
    .addOption(dbOption())
    .action(async (sink: string, { db }: OutboxOptions) => {
      await withFile(db, false, ({ outboxAdmin }) => {
        outboxAdmin.forget(knownSink(outboxAdmin, sink));
        stdout.write(`Sink ${sink} is forgotten. The events are still in the ledger.\n`);
      });
    });
}

async function withFile(path: string, readOnly: boolean, use: (file: LedgerFile) => void): Promise<void> {
  const file = openLedgerFile(path, { readOnly });
  try {
    use(file);
  } finally {
    await file.shutdown();
  }
}

/** @throws {ConfigError} when nothing is named: everything must be asked for. */
function selectionOf(
  verb: string,
  admin: OutboxAdmin,
  ids: readonly string[],
  { sink, all }: OutboxOptions,
): OutboxSelection {
  if (ids.length === 0 && all !== true) {
    throw new ConfigError(`Name the events to ${verb}, or say --all. \`costspan outbox list\` shows them.`);
  }
  return known({ sink: knownSink(admin, sink), ids: ids.length === 0 ? undefined : ids });
}

function knownSink(admin: OutboxAdmin, sink: string): string;
function knownSink(admin: OutboxAdmin, sink: string | undefined): string | undefined;
function knownSink(admin: OutboxAdmin, sink: string | undefined): string | undefined {
  if (sink === undefined) return undefined;
  const names = admin.sinks().map((each) => each.sink);
  if (names.includes(sink)) return sink;
  throw new ConfigError(
    `There is no sink '${sink}' in this ledger.${didYouMean(sink, names)} Sinks: ${names.join(', ') || 'none yet'}.`,
  );
}

function toText(sinks: readonly OutboxSummary[], dead: readonly DeadLetter[]): string {
  if (sinks.length === 0) return 'No sink has been served from this ledger yet.\n';
  const lines = sinks.map(({ sink, pending, dead: count, oldest }) => {
    const since = oldest === undefined ? '' : ` since ${oldest.toISOString()}`;
    return `${sink}: ${pending} pending${since}, ${count} dead`;
  });
  for (const { sink, eventId, failedAt, failure } of dead) {
    const status = failure.status === undefined ? '' : ` ${failure.status}`;
    lines.push(
      `${failedAt.toISOString()}  ${sink}  ${eventId} ${status} ${oneLine(failure.response ?? failure.message)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function toJson(sinks: readonly OutboxSummary[], dead: readonly DeadLetter[]): object {
  return {
    sinks: sinks.map(({ oldest, ...rest }) => ({ ...rest, oldest: oldest?.toISOString() ?? null })),
    dead_letters: dead.map(({ sink, eventId, failedAt, failure }) => ({
      sink,
      event_id: eventId,
      failed_at: failedAt.toISOString(),
      status: failure.status ?? null,
      error: failure.message,
      response: failure.response ?? null,
    })),
  };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
