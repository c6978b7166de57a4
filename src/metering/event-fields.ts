import type { CallFacts } from '../calls/call-facts.ts';
import type { Charge, Cost } from '../pricing/price.ts';

/** The fields of a cost event: what was kept of the call, and what it cost. */
export interface CostEventFields extends CallFacts {
  /** `usage`: a call. `adjustment`: a correction of the event named in `adjusts`. `denied`: refused before it was sent. */
  readonly kind: 'usage' | 'adjustment' | 'denied';
  readonly adjusts?: string;
  readonly cost: Cost;
  /** What the customer pays for the call, where a rate card says so; margin is charge minus cost. */
  readonly charge?: Charge;
  /** `service.name` of the process that made the call. */
  readonly service?: string;
}
