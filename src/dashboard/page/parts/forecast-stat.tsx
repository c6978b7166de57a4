import type { VNode } from 'preact';
import type { ForecastJson } from '../../api.ts';
import { formatMonth } from '../format/time.ts';
import { Amount } from './amount.tsx';
import { Stat } from './stat.tsx';

/** What the month will have cost, and the range it rests in. */
export function ForecastStat({
  forecast,
  currency,
  zone,
}: {
  readonly forecast: ForecastJson;
  readonly currency: string;
  readonly zone: string;
}): VNode {
  const { spent, expected, low, high, days, method, period } = forecast;
  const most = Math.max(Number(high), Number.MIN_VALUE);
  const at = (amount: string): number => (Number(amount) / most) * 100;
  return (
    <Stat
      title={`Forecast for ${period.end === null || period.start === null ? 'the month' : formatMonth(period.start, zone)}`}
      figure={<Amount amount={expected} currency={currency} />}
    >
      <svg class="range" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="10" rx="2" />
        <rect class="level" width={at(spent)} height="10" />
        <rect class="level likely" x={at(low)} width={Math.max(0.5, at(high) - at(low))} height="10" />
        <rect class="mark" x={Math.min(99, at(expected) - 0.3)} width="0.6" height="10" />
      </svg>
      <p title={method}>
        <Amount amount={low} currency={currency} /> to <Amount amount={high} currency={currency} />, four
        times in five
        {days < 7 ? '; few days to go by' : ''}
      </p>
    </Stat>
  );
}
