import { divide, exact, formatDecimal, roundDecimal, subtract } from '../../base/decimal.ts';
import { emptyRow } from '../../ledger/cost-row.ts';
import type { CostRow, EventFilter } from '../../ledger/ledger.ts';
import { startOf } from '../../base/time-zone.ts';
import { type Forecast, forecast } from '../../reports/insights/forecast.ts';
import { toDate } from '../../reports/insights/trend.ts';
import type { Window } from '../../reports/period.ts';
import { shareOf } from '../../reports/rows.ts';
import type { CurrencySummary, ForecastJson, Part, Summary } from '../api.ts';
import { linkOf } from '../link.ts';
import { periodToJson, type Question } from '../question.ts';
import type { Answer } from './answer.ts';
import { byCurrency, sumsOf } from './sums.ts';

/** The first screen: the month beside the one before, what is to come, and what is not known. */
export const summary: Answer = {
  async json(question): Promise<Summary> {
    const { ledger, inPeriod, filter, timeZone, at, hasPeriod } = question;
    const { before, lastMonth } = comparedWith(question);
    const { start: _, end: __, ...calls } = filter;
    const filters = {
      total: inPeriod,
      before: { ...calls, ...before },
      lastMonth: { ...calls, ...lastMonth },
      unattributed: { ...inPeriod, unattributed: true },
      errors: { ...inPeriod, status: 'error' as const },
    };
    const [total, earlier, month, unattributed, errors, forecasts] = await Promise.all([
      ledger.query(filters.total),
      ledger.query(filters.before),
      ledger.query(filters.lastMonth),
      // A question about some of the calls alone: nothing is found where it asks for the others.
      calls.unattributed === false ? [] : ledger.query(filters.unattributed),
      calls.status !== undefined && calls.status !== 'error' ? [] : ledger.query(filters.errors),
      hasPeriod ? [] : forecast(ledger, { ...calls, timeZone, now: at }),
    ]);
    const all = [...total, ...earlier, ...month];
    const toSums = sumsOf(all);
    const currencies = [...byCurrency(all).keys()];
    const found = {
      total: byCurrency(total, currencies[0]),
      before: byCurrency(earlier, currencies[0]),
      lastMonth: byCurrency(month, currencies[0]),
      unattributed: byCurrency(unattributed, currencies[0]),
      errors: byCurrency(errors, currencies[0]),
    };
    return {
      time_zone: timeZone,
      period: periodToJson(inPeriod),
      before: periodToJson(before),
      last_month: periodToJson(lastMonth),
      currencies: currencies.map((currency): CurrencySummary => {
        const row = (name: keyof typeof found): CostRow => found[name].get(currency) ?? emptyRow(currency);
        const whole = row('total');
        const link = (more: EventFilter): string => toSums(whole, { ...inPeriod, ...more }).filter;
        return {
          currency,
          total: toSums(whole, filters.total),
          before: toSums(row('before'), filters.before),
          last_month: toSums(row('lastMonth'), filters.lastMonth),
          change: changeOf(whole, row('before')) ?? null,
          forecast: forecastToJson(forecasts.find((each) => each.currency === currency)),
          unattributed: partOf(row('unattributed'), whole, link({ unattributed: true })),
          unpriced: {
            calls: whole.unpriced,
            share_of_calls: share(whole.unpriced, whole.events),
            amount: null,
            share: null,
            filter: linkOf({ ...inPeriod, unpriced: true }),
          },
          estimated: {
            calls: whole.estimated,
            share_of_calls: share(whole.estimated, whole.events),
            amount: whole.estimatedAmount,
            share: shareOf(whole.estimatedAmount, whole.amount) ?? null,
            filter: link({ is: { ...inPeriod.is, usage_source: 'estimated' } }),
          },
          errors: partOf(row('errors'), whole, link({ status: 'error' })),
        };
      }),
    };
  },
};

/** The month to now beside the same days of the month before; any other period beside as long a time before it. */
function comparedWith({ inPeriod, timeZone, hasPeriod }: Question): { before: Window; lastMonth: Window } {
  const { start, end } = inPeriod;
  const month = startOf('month', start, timeZone);
  const lastMonth = { start: startOf('month', new Date(month.getTime() - 1), timeZone), end: month };
  if (!hasPeriod) return { before: toDate('month', end, timeZone).before, lastMonth };
  const before = { start: new Date(start.getTime() - (end.getTime() - start.getTime())), end: start };
  return { before, lastMonth };
}

function changeOf(now: CostRow, before: CostRow): string | undefined {
  const change = divide(subtract(exact(now.amount), exact(before.amount)), exact(before.amount));
  return change && roundDecimal(formatDecimal(change), 3);
}

function partOf(part: CostRow, whole: CostRow, filter: string): Part {
  return {
    calls: part.events,
    share_of_calls: share(part.events, whole.events),
    amount: part.events > 0 && part.unpriced === part.events ? null : part.amount,
    share: shareOf(part.amount, whole.amount) ?? null,
    filter,
  };
}

function share(part: number, whole: number): string | null {
  return shareOf(String(part), String(whole)) ?? null;
}

function forecastToJson(found: Forecast | undefined): ForecastJson | null {
  if (found === undefined) return null;
  const { period, spent, expected, low, high, days, method } = found;
  return { period: periodToJson(period), spent, expected, low, high, days, method };
}
