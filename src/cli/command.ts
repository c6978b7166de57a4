import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, describe, didYouMean } from '../errors.ts';
import { type Dimension, DIMENSIONS } from '../ledger/ledger.ts';
import type { Period } from '../reports/report.ts';
import { known } from '../usage/read.ts';
import { parseMonth, parseTime } from './time.ts';

/** Where a command writes; `process` fits. */
export interface CliOutput {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** One command of the command line, ready to be added to the program. */
export type CommandFactory = (output: CliOutput) => Command;

/** The value of `--db`. */
export function dbOption(): Option {
  return new Option('--db <path>', 'the ledger, an SQLite database').env('COSTSPAN_DB').default('costs.db');
}

/** The values of `--since`, `--until` and `--month`. */
export interface PeriodOptions {
  readonly since?: Date;
  readonly until?: Date;
  readonly month?: Period;
}

/** Adds `--since`, `--until` and `--month`; times are UTC. */
export function addPeriodOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--since <time>',
        'calls started at this time or later: 2026-11-20, 2026-11-20T10:00, 7d, 24h',
      ).argParser(argument(parseTime)),
    )
    .addOption(
      new Option('--until <time>', 'calls started before this time, which is not included').argParser(
        argument(parseTime),
      ),
    )
    .addOption(
      new Option('--month <month>', 'calls of one calendar month: 2026-11')
        .argParser(argument(parseMonth))
        .conflicts(['since', 'until']),
    );
}

export function periodOf({ since, until, month }: PeriodOptions): Period {
  return month ?? known({ start: since, end: until });
}

/** `customer,model` → the dimensions; for `--by`. */
export function parseDimensions(text: string): Dimension[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseDimension);
}

function parseDimension(name: string): Dimension {
  if (/^context\../.test(name)) return name as Dimension;
  const known = DIMENSIONS.find((dimension) => dimension === name);
  if (known !== undefined) return known;
  throw new ConfigError(
    `There is no dimension '${name}'.${didYouMean(name, DIMENSIONS)} Dimensions: ${DIMENSIONS.join(', ')}, and context.<name> for what the calls were for.`,
  );
}

/** Makes a parser's error one that commander prints beside the option's name. */
export function argument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** A whole number above 0; for `--limit`. */
export function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new ConfigError(`Expected a whole number above 0, got ${describe(text)}.`);
}
