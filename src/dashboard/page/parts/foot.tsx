import type { VNode } from 'preact';
import type { Meta } from '../../api.ts';
import { formatTime } from '../format/time.ts';

/** What all figures of the page have in common. */
export function Foot({ meta }: { readonly meta: Meta }): VNode {
  return (
    <footer class="foot">
      <span>Times, days and months in {meta.time_zone}.</span>
      <span>Each amount in its own currency; currencies are never added up.</span>
      <span>
        Amounts are exact, and rounded here (half to even); point at one, or take the CSV, for all its digits.
      </span>
      {meta.last_event !== null && <span>Last call {formatTime(meta.last_event, meta.time_zone)}.</span>}
      <span>
        Costspan {meta.version}, {meta.ledger} ledger, read-only.
      </span>
    </footer>
  );
}
