import { Command } from 'commander';
import { ConfigError, CostspanError } from '../base/errors.ts';
import type { MaybePromise } from '../base/promises.ts';
import { didYouMean } from '../base/spelling.ts';
import { deadLetterToJson } from '../dashboard/answers/dead-letter.ts';
import type { DeadLetter, OutboxAdmin, OutboxSelection, OutboxSummary } from '../delivery/outbox.ts';
import { known } from '../base/read.ts';
import { type CliOutput, dbOption } from './command.ts';
import { withLedger, withWritableLedger } from './with-ledger.ts';

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
    .addHelpText(
      'after',
      '\nExamples:\n  costspan outbox list\n  costspan outbox requeue --all --sink http\n',
    )
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
      await withLedger(db, async ({ outboxAdmin }) => {
        const name = await knownSink(outboxAdmin, sink);
        const sinks = (await outboxAdmin.sinks()).filter((each) => name === undefined || each.sink === name);
        const dead = await outboxAdmin.deadLetters(name);
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
  readonly change: (admin: OutboxAdmin, selection: OutboxSelection) => MaybePromise<number>;
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
      await withWritableLedger(options.db, async ({ outboxAdmin }) => {
        const selection = await selectionOf(name, outboxAdmin, ids, options);
        await checkKnown(outboxAdmin, selection);
        const count = await change(outboxAdmin, selection);
        stdout.write(`${options.json === true ? JSON.stringify(json(count)) : text(count)}\n`);
      });
    });
}

function forgetCommand({ stdout }: CliOutput): Command {
  return new Command('forget')
    .description('forget a sink that is no more, with all that waits for it')
    .argument('<sink>', 'its name')
    .addOption(dbOption())
    .option('--json', 'what was done, as JSON')
    .action(async (sink: string, { db, json }: OutboxOptions) => {
      await withWritableLedger(db, async ({ outboxAdmin }) => {
        await outboxAdmin.forget(await knownSink(outboxAdmin, sink));
        const text = `Sink ${sink} is forgotten. The events are still in the ledger.`;
        stdout.write(`${json === true ? JSON.stringify({ forgotten: sink }) : text}\n`);
      });
    });
}

/** @throws {ConfigError} when nothing is named: everything must be asked for. */
async function selectionOf(
  verb: string,
  admin: OutboxAdmin,
  ids: readonly string[],
  { sink, all }: OutboxOptions,
): Promise<OutboxSelection> {
  if (ids.length === 0 && all !== true) {
    throw new ConfigError(`Name the events to ${verb}, or say --all. \`costspan outbox list\` shows them.`);
  }
  return known({ sink: await knownSink(admin, sink), ids: ids.length === 0 ? undefined : ids });
}

/** @throws {CostspanError} for an id that is no dead letter: it was mistyped, delivered, or requeued before. */
async function checkKnown(admin: OutboxAdmin, { sink, ids = [] }: OutboxSelection): Promise<void> {
  const dead = new Set((await admin.deadLetters(sink)).map(({ eventId }) => eventId));
  const unknown = ids.filter((id) => !dead.has(id));
  if (unknown.length === 0) return;
  throw new CostspanError(
    'DEAD_LETTER_UNKNOWN',
    `${unknown.map((id) => `'${id}'`).join(', ')}: no dead letter${sink === undefined ? '' : ` of sink '${sink}'`}, and nothing was changed. \`costspan outbox list\` shows them.`,
  );
}

async function knownSink<T extends string | undefined>(admin: OutboxAdmin, sink: T): Promise<T> {
  if (sink === undefined) return sink;
  const names = (await admin.sinks()).map((each) => each.sink);
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
    dead_letters: dead.map(deadLetterToJson),
  };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
