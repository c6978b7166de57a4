import type { VNode } from 'preact';
import { useMeta } from '../data/meta.ts';
import { formatMonth } from '../format/time.ts';
import { linkWith, type Route } from '../route.ts';

/** The month that a screen is about; it stands in the address. */
export function MonthSelect({ route }: { readonly route: Route }): VNode {
  const meta = useMeta();
  const months = monthsOf(meta.first_event ?? meta.now, meta.now, meta.time_zone);
  const chosen = route.query.get('month') ?? months[0];
  return (
    <label>
      <span class="hidden">Month</span>
      <select
        value={chosen}
        onChange={(event) => {
          const { value } = event.currentTarget;
          location.hash = linkWith(route, { month: value === months[0] ? undefined : value });
        }}
      >
        {months.map((month, index) => (
          <option key={month} value={month}>
            {formatMonth(`${month}-15T12:00:00Z`, meta.time_zone)}
            {index === 0 ? ', so far' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}

/** `2026-11`, `2026-10`, …: from now back to the first event, two years at most. */
function monthsOf(first: string, now: string, timeZone: string): string[] {
  const [year, month] = yearAndMonth(now, timeZone);
  const [firstYear, firstMonth] = yearAndMonth(first, timeZone);
  const count = Math.min(24, Math.max(1, (year - firstYear) * 12 + month - firstMonth + 1));
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 15)).toISOString().slice(0, 7),
  );
}

function yearAndMonth(time: string, timeZone: string): [year: number, month: number] {
  const text = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' }).format(
    new Date(time),
  );
  const [year = '', month = ''] = text.split('-');
  return [Number(year), Number(month)];
}
