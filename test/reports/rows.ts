import type { CostRow } from '../../src/ledger/ledger.ts';
import { emptyRow } from '../../src/ledger/cost-row.ts';

/** A row as a ledger answers it, with only what matters to a test spelled out. */
export function row(group: CostRow['group'], sums: Partial<Omit<CostRow, 'group'>> = {}): CostRow {
  return { ...emptyRow('USD'), events: 1, ...sums, group };
}
