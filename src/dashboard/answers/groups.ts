import { ConfigError } from '../../base/errors.ts';
import type { Dimension, EventFilter } from '../../ledger/ledger.ts';
import { isTime } from '../../ledger/time-buckets.ts';
import { report, type ReportLine } from '../../reports/report.ts';
import type { Group } from '../api.ts';
import { windowOfLabel } from '../buckets.ts';
import type { Question } from '../question.ts';
import { sumsOf } from './sums.ts';

/** The sums per value of one dimension, the largest first. */
export async function groupsOf(
  { ledger, timeZone }: Question,
  by: Dimension,
  filter: EventFilter,
): Promise<readonly Group[]> {
  const { lines } = await report(ledger, { ...filter, by: [by], timeZone });
  const toSums = sumsOf(lines);
  return lines.map((line) => ({
    value: line.group[by] ?? null,
    unattributed: line.unattributed,
    share: line.share ?? null,
    ...toSums(line, filterOfLine(line, filter, timeZone)),
  }));
}

/** The filter that finds the events of a line. */
export function filterOfLine(line: ReportLine, filter: EventFilter, timeZone: string): EventFilter {
  const { customer, ...group } = line.group;
  let { start, end } = filter;
  const is: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(group)) {
    const window = isTime(name) && value !== null ? windowOfLabel(name, value, timeZone) : undefined;
    if (window === undefined) is[name] = value;
    else {
      start = start === undefined || start < window.start ? window.start : start;
      end = end === undefined || end > window.end ? window.end : end;
    }
  }
  return {
    ...filter,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...ofCustomer(line, customer),
    is: { ...filter.is, ...is, ...(customer === null && !line.unattributed ? { customer: null } : {}) },
  };
}

/** Nobody is named, or nobody was: the events tell the two apart. */
function ofCustomer({ unattributed }: ReportLine, customer: string | null | undefined): EventFilter {
  if (customer === undefined) return {};
  return customer === null ? { unattributed } : { customer };
}

/** @throws {ConfigError} for a time: spend over time has its own axis. */
export function checkNoTime(by: Dimension): void {
  if (isTime(by))
    throw new ConfigError(`query: 'by' is what stands side by side, got '${by}'. Give it as 'unit' instead.`);
}
