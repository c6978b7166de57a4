import { exact, formatDecimal, subtract, sumDecimals } from '../../base/decimal.ts';
import { ConfigError } from '../../base/errors.ts';
import { anything, date, type KindsOf, optionsOf, required } from '../../base/options.ts';
import { known, object } from '../../base/read.ts';
import type { CostLedger, CostRow } from '../../ledger/ledger.ts';
import { causesOf } from './causes.ts';
import type { ProviderLine, ProviderReport, ReportingProvider } from './provider-report.ts';
import { readProviderReport, sourceOf } from './read-report.ts';
import type { Compared, DriftCause, Reconciliation, Side } from './reconciliation.ts';

export interface ReconcileOptions {
  readonly provider: ReportingProvider;
  /** What `fetchProviderReport` brought, the provider's JSON (an object, a list of pages, or text), or its CSV. */
  readonly report: ProviderReport | object | string;
  /** `[start, end)`, whole UTC days. Default: the days of the report. */
  readonly start?: Date;
  readonly end?: Date;
}

const OPTIONS: KindsOf<ReconcileOptions> = {
  provider: required(anything as never),
  report: required(anything as never),
  start: date,
  end: date,
};

/**
 * Compares a provider's own usage and cost report with the ledger, per UTC day and model, and says what may explain a
 * difference.
 *
 * @throws {ConfigError} for a report that is none, or of no days.
 * @example
 * const report = await fetchProviderReport({ provider: 'openai', start, end, adminKey });
 * const { totals, causes } = await reconcile(ledger, { provider: 'openai', report });
 */
export async function reconcile(
  ledger: Pick<CostLedger, 'query'>,
  options: ReconcileOptions,
): Promise<Reconciliation> {
  const { provider, report, ...window } = optionsOf('reconcile', options, OPTIONS);
  sourceOf(provider);
  const { lines } = isReport(report) ? report : readProviderReport(provider, report);
  const { start, end } = windowOf(lines, window);
  const rows = await ledger.query({ provider, start, end, groupBy: ['day', 'model', 'service_tier'] });
  const says = saidBy(lines);
  const theirs = Map.groupBy(
    lines.filter(({ day }) => isWithin(day, start, end)),
    (line) => keyOf(line.day, line.model),
  );
  const ours = Map.groupBy(rows, ({ group }) => keyOf(group.day ?? '', group.model ?? undefined));
  const sides = [...new Set([...theirs.keys(), ...ours.keys()])].sort().map((key) => {
    const [day, model] = JSON.parse(key) as [string, string | null];
    return { day, model, ...compared(ours.get(key) ?? [], theirs.get(key) ?? [], says) };
  });
  const totals = compared(rows, [...theirs.values()].flat(), says);
  const all = sides.map((line) => ({ ...line, causes: causesOf(line, sides) }));
  return {
    provider,
    start,
    end,
    lines: all,
    totals,
    causes: uniqueCauses(all.flatMap(({ causes }) => causes)),
  };
}

function isReport(report: unknown): report is ProviderReport {
  return Array.isArray(object(report)?.lines);
}

function windowOf(
  lines: readonly ProviderLine[],
  given: { start?: Date; end?: Date },
): { start: Date; end: Date } {
  const days = lines.map(({ day }) => day).sort();
  const [first] = days;
  const last = days.at(-1);
  const start = given.start ?? (first === undefined ? undefined : new Date(`${first}T00:00:00Z`));
  const end =
    given.end ?? (last === undefined ? undefined : new Date(Date.parse(`${last}T00:00:00Z`) + 86_400_000));
  if (start === undefined || end === undefined)
    throw new ConfigError(
      'reconcile: the report has no lines, so it does not say which days to compare. Give start and end.',
    );
  return { start, end };
}

function isWithin(day: string, start: Date, end: Date): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return time >= start.getTime() && time < end.getTime();
}

function keyOf(day: string, model: string | undefined): string {
  return JSON.stringify([day, model ?? null]);
}

/** Which figures a report has at all: a day that is not in it then had none. */
type Says = ReadonlySet<'calls' | 'inputTokens' | 'outputTokens'>;

function saidBy(lines: readonly ProviderLine[]): Says {
  const names = ['calls', 'inputTokens', 'outputTokens'] as const;
  return new Set(names.filter((name) => lines.some((line) => line[name] !== undefined)));
}

function compared(rows: readonly CostRow[], lines: readonly ProviderLine[], says: Says): Compared {
  const ledger = sideOfLedger(rows);
  const report = sideOfReport(lines, says);
  return {
    ledger,
    report,
    drift: known({
      calls: minus(report.calls, ledger.calls),
      inputTokens: minus(report.inputTokens, ledger.inputTokens),
      outputTokens: minus(report.outputTokens, ledger.outputTokens),
      cost:
        report.cost === undefined
          ? undefined
          : formatDecimal(subtract(exact(report.cost), exact(ledger.cost ?? '0'))),
    }),
  };
}

function sideOfLedger(rows: readonly CostRow[]): Side {
  const dollars = rows.filter(({ currency }) => currency === 'USD');
  return {
    calls: total(rows.map(({ events }) => events)) ?? 0,
    inputTokens: total(rows.map(({ usage }) => usage.inputTokens)) ?? 0,
    outputTokens: total(rows.map(({ usage }) => usage.outputTokens)) ?? 0,
    cost: sumDecimals(dollars.map(({ amount }) => amount)),
    unpriced: total(rows.map(({ unpriced }) => unpriced)) ?? 0,
    estimated: total(rows.map(({ estimated }) => estimated)) ?? 0,
    tiers: unique(rows.map(({ group }) => group.service_tier)),
    keys: [],
    batchTokens: 0,
  };
}

function sideOfReport(lines: readonly ProviderLine[], says: Says): Side {
  const figure = (name: 'calls' | 'inputTokens' | 'outputTokens'): number | undefined =>
    total(lines.map((line) => line[name])) ?? (says.has(name) ? 0 : undefined);
  const costs = lines.flatMap(({ cost, currency }) =>
    cost === undefined || (currency ?? 'USD') !== 'USD' ? [] : [cost],
  );
  const tokens = (each: ProviderLine): number => (each.inputTokens ?? 0) + (each.outputTokens ?? 0);
  return {
    ...known({
      calls: figure('calls'),
      inputTokens: figure('inputTokens'),
      outputTokens: figure('outputTokens'),
      cost: costs.length === 0 ? undefined : sumDecimals(costs),
    }),
    tiers: unique(lines.map(({ tier }) => tier)),
    keys: unique(lines.map(({ key }) => key)),
    batchTokens: total(lines.filter(({ batch }) => batch === true).map(tokens)) ?? 0,
  };
}

/** The sum of what is known; undefined when nothing is. */
function total(values: readonly (number | undefined)[]): number | undefined {
  const numbers = values.filter((value) => value !== undefined);
  return numbers.length === 0 ? undefined : numbers.reduce((a, b) => a + b, 0);
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function unique(values: readonly (string | null | undefined)[]): string[] {
  return [...new Set(values.flatMap((value) => value ?? []))].sort();
}

function uniqueCauses(causes: readonly DriftCause[]): DriftCause[] {
  return [...new Map(causes.map((cause) => [cause.code, cause])).values()];
}
