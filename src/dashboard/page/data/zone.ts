/**
 * The time zone that the address asks for: `?tz=Europe/Berlin` before the `#`, so that every link of the page keeps it.
 * Without one it is the dashboard's own.
 */
export function chosenZone(): string | undefined {
  return new URLSearchParams(location.search).get('tz') ?? undefined;
}

/** The page in another time zone, on the screen that is shown; the dashboard's own without one. */
export function chooseZone(zone: string | undefined): void {
  const query = new URLSearchParams(location.search);
  if (zone === undefined) query.delete('tz');
  else query.set('tz', zone);
  // A new search loads the page anew: every figure is asked for again.
  location.search = query.toString();
}

/** `europe/berlin` as the browser spells it; undefined for what is no time zone. */
export function zoneNamed(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text.trim() }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
