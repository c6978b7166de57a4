import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, describe, messageOf } from '../base/errors.ts';
import { didYouMean } from '../base/spelling.ts';
import { type Dimension, DIMENSIONS } from '../ledger/ledger.ts';
import type { Period } from '../reports/report.ts';
import { countFromEnvironment, fromEnvironment } from '../base/environment.ts';
import { known } from '../base/read.ts';
import { monthWindow } from '../reports/period.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { parseTime } from '../reports/parse-time.ts';

/** Where a command writes; `process` fits. */
export interface CliOutput {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** One command of the command line, ready to be added to the program. */
export type CommandFactory = (output: CliOutput) => Command;

/** The value of `--db`. */
export function dbOption(): Option {
  return new Option('--db <path>', 'the ledger: a file, or postgres://… (env: COSTSPAN_DB)').default(
    fromEnvironment('COSTSPAN_DB') ?? 'costs.db',
  );
}

/** The values of `--since`, `--until`, `--month` and `--tz`, as they were typed. */
export interface PeriodOptions {
  readonly since?: string;
  readonly until?: string;
  readonly month?: string;
  readonly tz?: string;
}

/** Adds `--since`, `--until`, `--month` and `--tz`, or those of them that a command takes. */
export function addPeriodOptions(
  command: Command,
  only: readonly (keyof PeriodOptions)[] = ['since', 'until', 'month', 'tz'],
): Command {
  for (const name of only) command.addOption(PERIOD_OPTIONS[name]());
  return command;
}

/** A time is read when its zone is known; whether it is one is checked at once. */
const PERIOD_OPTIONS: Readonly<Record<keyof PeriodOptions, () => Option>> = {
  since: () =>
    new Option(
      '--since <time>',
      'calls started at this time or later: 2026-11-20, 2026-11-20T10:00, 7d, 24h',
    ).argParser(argument(checkedTime)),
  until: () =>
    new Option('--until <time>', 'calls started before this time, which is not included').argParser(
      argument(checkedTime),
    ),
  month: () =>
    new Option('--month <month>', 'calls of one calendar month: 2026-11')
      .argParser(argument(checkedMonth))
      .conflicts(['since', 'until']),
  tz: () =>
    new Option(
      '--tz <zone>',
      'where days and months begin, and the clocks of times without a zone: Europe/Berlin',
    ).argParser(argument(parseTimeZone)),
};

function checkedTime(text: string): string {
  parseTime(text);
  return text;
}

function checkedMonth(text: string): string {
  monthWindow(text);
  return text;
}

/** @throws {ConfigError} for a period that ends before it begins. */
export function periodOf({ since, until, month, tz = 'UTC' }: PeriodOptions): Period {
  if (month !== undefined) return monthWindow(month, tz);
  const now = Date.now();
  const read = (text: string | undefined): Date | undefined =>
    text === undefined ? undefined : parseTime(text, () => now, tz);
  const [start, end] = [read(since), read(until)];
  if (start !== undefined && end !== undefined && start >= end)
    throw new ConfigError(
      `The period ends before it begins: --since ${since} is ${start.getTime() === end.getTime() ? 'the same time as' : 'after'} --until ${until}.${start.getTime() === end.getTime() ? ' --until is not included.' : ' Swap them.'}`,
    );
  return known({ start, end });
}

export function parseTimeZone(text: string): string {
  const isKnown: boolean = isTimeZone(text);
  if (isKnown) return text;
  const zones = Intl.supportedValuesOf('timeZone');
  const city = zones.find((zone) => zone.toLowerCase().endsWith(`/${text.toLowerCase()}`));
  const near = city === undefined ? didYouMean(text, zones) : ` Did you mean '${city}'?`;
  throw new ConfigError(`Expected a time zone like Europe/Berlin, got ${describe(text)}.${near}`);
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
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}

/** A whole number above 0; for `--limit`. */
export function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new ConfigError(`Expected a whole number above 0, got ${describe(text)}.`);
}

/** How wide a table may be: the terminal, else `COLUMNS`, else 80. JSON and CSV are never cut. */
export function widthOf({ stdout }: CliOutput): number {
  const own = 'columns' in stdout && typeof stdout.columns === 'number' ? stdout.columns : undefined;
  return own ?? countFromEnvironment('COLUMNS') ?? 80;
}
