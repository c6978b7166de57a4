import { shared } from '../../base/process.ts';

const MAX_SETTLED = 200_000;

/**
 * Claims an event that several readers of one thing would announce (a batch line, a background response): true once
 * in this process; the oldest claims are forgotten first.
 */
export function claimEvent(eventId: string): boolean {
  const claimed = shared('calls claimed', () => new Set<string>());
  if (claimed.has(eventId)) return false;
  claimed.add(eventId);
  if (claimed.size > MAX_SETTLED) {
    const [oldest] = claimed;
    if (oldest !== undefined) claimed.delete(oldest);
  }
  return true;
}
