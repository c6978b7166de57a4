/** Events that several readers of one thing would announce (a batch line, a background response). */
const SETTLED = new Set<string>();
const MAX_SETTLED = 200_000;

/** Claims an event for the caller: true once in this process; the oldest claims are forgotten first. */
export function claimEvent(eventId: string): boolean {
  if (SETTLED.has(eventId)) return false;
  SETTLED.add(eventId);
  if (SETTLED.size > MAX_SETTLED) {
    const [oldest] = SETTLED;
    if (oldest !== undefined) SETTLED.delete(oldest);
  }
  return true;
}
