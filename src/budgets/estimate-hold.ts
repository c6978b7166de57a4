import { compare, type Decimal, exact, exactFromFloat, formatDecimal } from '../base/decimal.ts';
import type { CallBounds } from './bounds.ts';
import { RecentAmounts } from './recent-amounts.ts';

/** How much to set aside; one that shrinks takes what is left where that is less. */
export interface HoldAmount {
  readonly amount: Decimal;
  readonly shrinks: boolean;
}

/**
 * How much to set aside for a call: what 99 of 100 calls of its kind needed, and a quarter more, but never more than
 * the provable most. Holding the most for every call would leave half of an agent's budget unusable; holding the
 * average would overshoot with every second call.
 */
export class HoldEstimates {
  readonly #recent = new Map<string, RecentAmounts>();

  /** A call of this kind consumed so much. */
  learn(kind: string, amount: Decimal): void {
    let recent = this.#recent.get(kind);
    if (recent === undefined) {
      if (this.#recent.size >= MAX_KINDS) this.#recent.delete(this.#recent.keys().next().value ?? '');
      this.#recent.set(kind, (recent = new RecentAmounts(SAMPLES)));
    }
    recent.add(Number(amount));
  }

  /** Undefined where nothing is known at all: neither a bound, nor a likely amount, nor calls before this one. */
  holdFor(kind: string, { most, likely }: CallBounds): HoldAmount | undefined {
    const usual = this.#recent.get(kind)?.quantile(0.99, MIN_SAMPLES);
    const wanted = usual === undefined ? undefined : exactFromFloat(usual * SLACK);
    if (wanted === undefined) {
      const amount = most ?? likely;
      return amount === undefined ? undefined : { amount, shrinks: true };
    }
    const isAboveMost = most !== undefined && compare(exact(most), wanted) < 0;
    return { amount: isAboveMost ? most : formatDecimal(wanted), shrinks: false };
  }
}

/** Calls remembered per kind. */
const SAMPLES = 500;
/** Fewer than these say nothing about the hundredth. */
const MIN_SAMPLES = 20;
const SLACK = 1.25;
const MAX_KINDS = 2_000;
