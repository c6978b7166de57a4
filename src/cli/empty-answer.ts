import { didYouMean } from '../base/spelling.ts';
import type { CostLedger, Dimension } from '../ledger/ledger.ts';
import { printable } from '../reports/labels.ts';
import type { CliOutput } from './command.ts';
import type { FilterOptions } from './filter-options.ts';

/** Filters whose value is one of those in the ledger, where it is not mistyped. */
type Named = 'customer' | 'provider' | 'model' | 'operation' | 'service';
const NAMED: readonly Named[] = ['customer', 'provider', 'model', 'operation', 'service'];

/** Says on stderr why an answer is empty, where a filter names what no call in the ledger has. */
export async function explainEmpty(
  { stderr }: CliOutput,
  ledger: Pick<CostLedger, 'query'>,
  options: FilterOptions,
): Promise<void> {
  for (const reason of await reasonsForEmpty(ledger, options)) stderr.write(`${reason}\n`);
}

/** `No call has the customer 'acm'. Did you mean 'acme'?`, for each filter that no call in the ledger passes. */
export async function reasonsForEmpty(
  ledger: Pick<CostLedger, 'query'>,
  filter: { readonly [Name in Named]?: string | null },
): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const name of NAMED) {
    const value = filter[name] ?? undefined;
    if (value === undefined) continue;
    const groupBy: readonly Dimension[] = name === 'model' ? ['model', 'request_model'] : [name];
    const rows = await ledger.query({ groupBy });
    const values = [
      ...new Set(rows.flatMap(({ group }) => Object.values(group).flatMap((each) => each ?? []))),
    ];
    if (values.includes(value)) continue;
    reasons.push(`No call has the ${name} '${printable(value)}'.${printable(didYouMean(value, values))}`);
  }
  return reasons;
}
