/** An instant in the page's time zone: `30 Nov 2026, 14:05:09`. */
export function formatTime(time: string | Date, timeZone: string): string {
  return formatterOf(timeZone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(time));
}

/** `November 2026` */
export function formatMonth(time: string | Date, timeZone: string): string {
  return formatterOf(timeZone, { month: 'long', year: 'numeric' }).format(new Date(time));
}

/** A period's name as the ledger gives it, `2026-11-30` or `2026-11`, short: `30 Nov`, `Nov 2026`. */
export function formatPeriod(name: string): string {
  const [, year = '', month = '', day] = /^(\d{4})-(\d{2})(?:-(\d{2}))?/.exec(name) ?? [];
  if (year === '') return name;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  return day === undefined
    ? formatterOf('UTC', { month: 'short', year: 'numeric' }).format(date)
    : formatterOf('UTC', { day: 'numeric', month: 'short' }).format(date);
}

/** `812 ms`, `4.2 s` */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function formatterOf(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options);
  const made = formatters.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  formatters.set(key, made);
  return made;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
