import {
  add,
  type Decimal,
  divide,
  exact,
  formatDecimal,
  roundDecimal,
  subtract,
  sumDecimals,
  ZERO,
} from '../../base/decimal.ts';
import { known } from '../../base/read.ts';
import type { CostLedger, EventFilter } from '../../ledger/ledger.ts';

/** Charge and margin beside the cost of one customer. */
export interface Margin {
  readonly customer: string | null;
  /** Nobody was named for these calls. */
  readonly unattributed: boolean;
  readonly currency: string;
  readonly events: number;
  readonly cost: Decimal;
  readonly charge: Decimal;
  /** charge − cost. */
  readonly margin: Decimal;
  /** margin ÷ charge, rounded to three digits; absent where nothing was charged. */
  readonly rate?: Decimal;
  /** Calls without a charge, whose cost is in `cost`. */
  readonly uncharged: number;
  readonly unpriced: number;
}

/** What customers were charged when their calls were metered, beside what they cost; the largest loss first. */
export async function margins(
  ledger: Pick<CostLedger, 'events'>,
  filter: EventFilter = {},
): Promise<readonly Margin[]> {
  const groups = new Map<string, Margin>();
  for await (const { customer, attributionSource, cost, charge, kind } of ledger.events(filter)) {
    const currency = charge?.currency ?? cost.currency ?? 'USD';
    const unattributed = customer === null && attributionSource === undefined;
    const key = JSON.stringify([customer, unattributed, currency]);
    const group = groups.get(key) ?? {
      customer,
      unattributed,
      currency,
      events: 0,
      cost: '0',
      charge: '0',
      margin: '0',
      uncharged: 0,
      unpriced: 0,
    };
    groups.set(key, {
      ...group,
      events: group.events + Number(kind !== 'adjustment'),
      cost:
        cost.currency === currency || cost.currency === undefined
          ? sumDecimals([group.cost, cost.amount ?? '0'])
          : group.cost,
      charge: sumDecimals([group.charge, charge?.amount ?? '0']),
      uncharged: group.uncharged + Number(charge?.amount === undefined && kind !== 'adjustment'),
      unpriced: group.unpriced + Number(cost.amount === undefined),
    });
  }
  return [...groups.values()]
    .map((group) => {
      const margin = subtract(exact(group.charge), exact(group.cost));
      const rate = divide(margin, exact(group.charge));
      return {
        ...group,
        margin: formatDecimal(add(margin, ZERO)),
        ...known({ rate: rate && roundDecimal(formatDecimal(rate), 3) }),
      };
    })
    .sort((a, b) => Number(subtract(exact(a.margin), exact(b.margin)).digits > 0n) * 2 - 1);
}
