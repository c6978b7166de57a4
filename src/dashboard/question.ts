import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { known } from '../base/read.ts';
import { startOf } from '../base/time-zone.ts';
import type { Budget } from '../budgets/budget.ts';
import type { SinkHealth } from '../delivery/sink.ts';
import type { OutboxAdmin } from '../delivery/outbox.ts';
import type { CostLedger, EventFilter } from '../ledger/ledger.ts';
import { parseTime } from '../reports/parse-time.ts';
import { checkZone, monthWindow } from '../reports/period.ts';
import type { Period } from '../reports/report.ts';
import type { PeriodJson } from './api.ts';
import { FILTER_NAMES } from './link.ts';

/** A ledger as the dashboard reads it: one that a program opened knows its outbox, too. */
export type ReadableLedger = CostLedger & { readonly outboxAdmin?: OutboxAdmin };

/** What every answer is made from. */
export interface Source {
  readonly ledger: ReadableLedger;
  readonly timeZone: string;
  readonly now: () => Date;
  /** Budgets that are given in code, beside those kept in the ledger. */
  readonly budgets: readonly Budget[];
  /** The sinks of the process the dashboard is in. */
  readonly sinks: () => readonly SinkHealth[];
}

/** One request, read. */
export interface Question extends Source {
  /** The moment it was asked. */
  readonly at: Date;
  /** Which calls; without a period that was asked for, of all time. */
  readonly filter: EventFilter;
  /** The filter with its period: the one asked for, or the month until now. */
  readonly inPeriod: EventFilter & { readonly start: Date; readonly end: Date };
  /** Whether a period was asked for. */
  readonly hasPeriod: boolean;
  /** What only this address takes. */
  readonly own: Readonly<Record<string, string>>;
  /** The reader has gone away. */
  readonly signal: AbortSignal;
}

const FLAGS: ReadonlySet<string> = new Set(['unattributed', 'unpriced'] satisfies (keyof EventFilter)[]);
const PERIOD = ['start', 'end', 'month', 'tz'] as const;
const NAMES: readonly string[] = [...Object.keys(FILTER_NAMES), ...PERIOD, 'without'];

/**
 * Reads a query string. `takes` are the parameters of this address alone, beside the filters that all take; those that
 * end in a dot take any name behind it.
 *
 * @throws {ConfigError} for a parameter that nobody reads, one that is given twice, or a value of a wrong kind.
 */
export function readQuestion(
  source: Source,
  params: URLSearchParams,
  takes: readonly string[],
  signal: AbortSignal,
): Question {
  const at = source.now();
  const fields = readFields(params, takes);
  const timeZone = fields.one.tz ?? source.timeZone;
  checkZone('tz', timeZone);
  const period = periodOf(fields.one, at, timeZone);
  const filter: EventFilter = { ...period, ...filterOf(fields) };
  const start = period.start ?? startOf('month', at, timeZone);
  return {
    ...source,
    at,
    timeZone,
    filter,
    inPeriod: { ...filter, start, end: period.end ?? at },
    hasPeriod: period.start !== undefined || period.end !== undefined,
    own: Object.fromEntries(
      Object.entries(fields.one).filter(([name]) => takes.some((each) => matches(each, name))),
    ),
    signal,
  };
}

interface Fields {
  readonly one: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, string>>;
  readonly is: Readonly<Record<string, readonly (string | null)[]>>;
}

function readFields(params: URLSearchParams, takes: readonly string[]): Fields {
  const one: Record<string, string> = {};
  const context: Record<string, string> = {};
  const is: Record<string, (string | null)[]> = {};
  for (const [name, value] of params) {
    if (value === '') throw new ConfigError(`query: '${name}' is empty. Give a value, or leave it out.`);
    if (name === 'without') (is[value] ??= []).push(null);
    else if (name.startsWith('is.')) (is[name.slice('is.'.length)] ??= []).push(value);
    else if (name.startsWith('context.') && name.length > 'context.'.length)
      add(context, name.slice('context.'.length), value, name);
    else if (takes.some((each) => matches(each, name)) || NAMES.includes(name)) add(one, name, value, name);
    else checkOptions('query', { [name]: value }, [...takes, ...NAMES, 'context.<name>', 'is.<dimension>']);
  }
  return { one, context, is };
}

function matches(taken: string, name: string): boolean {
  return taken.endsWith('.') ? name.startsWith(taken) && name.length > taken.length : taken === name;
}

function add(fields: Record<string, string>, key: string, value: string, name: string): void {
  if (Object.hasOwn(fields, key)) throw new ConfigError(`query: '${name}' is given twice. Give it once.`);
  fields[key] = value;
}

function filterOf({ one, context, is }: Fields): EventFilter {
  const filter: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(FILTER_NAMES))
    filter[field] = FLAGS.has(field) ? flagOf(name, one[name]) : one[name];
  // The ledger checks what each of them may be.
  return known({
    ...(filter as EventFilter),
    context: Object.keys(context).length === 0 ? undefined : context,
    is: Object.keys(is).length === 0 ? undefined : is,
  });
}

function flagOf(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ConfigError(`query: expected '${name}' to be true or false, got ${describe(text)}.`);
}

function periodOf({ start, end, month }: Fields['one'], at: Date, timeZone: string): Period {
  if (month !== undefined) {
    if (start !== undefined || end !== undefined)
      throw new ConfigError("query: give 'month', or 'start' and 'end', not both.");
    return monthWindow(month, timeZone);
  }
  const read = (text: string | undefined): Date | undefined =>
    text === undefined ? undefined : parseTime(text, () => at.getTime(), timeZone);
  return known({ start: read(start), end: read(end) });
}

/** A whole number above 0, for `limit` and `top`. */
export function countOf(name: string, text: string | undefined, usual: number, most: number): number {
  if (text === undefined) return usual;
  const count = Number(text);
  if (/^[1-9]\d*$/.test(text) && count <= most) return count;
  throw new ConfigError(
    `query: expected '${name}' to be a whole number from 1 to ${most}, got ${describe(text)}.`,
  );
}

/** @throws {ConfigError} when it was not given. */
export function requiredOf(value: string | undefined, name: string, example: string): string {
  if (value !== undefined) return value;
  throw new ConfigError(`query: '${name}' is missing. Example: ${name}=${example}.`);
}

export function periodToJson({ start, end }: Period): PeriodJson {
  return { start: start?.toISOString() ?? null, end: end?.toISOString() ?? null };
}
