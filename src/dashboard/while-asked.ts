import type { CostLedger } from '../ledger/ledger.ts';

/** A ledger whose events end when the reader has gone away: nobody waits for what they add up to. */
export function whileAsked(
  ledger: Pick<CostLedger, 'events'>,
  signal: AbortSignal,
): Pick<CostLedger, 'events'> {
  return {
    async *events(query) {
      for await (const event of ledger.events(query)) {
        signal.throwIfAborted();
        yield event;
      }
    },
  };
}
