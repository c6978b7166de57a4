import type { VNode } from 'preact';
import type { Sums } from '../../api.ts';
import { formatShort } from '../format/count.ts';
import { Amount } from './amount.tsx';
import { Count } from './count.tsx';
import { Tokens } from './group-table.tsx';
import { Stat } from './stat.tsx';

/** The sums of a customer or model in large, with what is not known of them. */
export function Totals({
  totals,
  currency,
}: {
  readonly totals: readonly Sums[];
  readonly currency: string;
}): VNode {
  const sums = totals.find((each) => each.currency === currency);
  if (sums === undefined) return <p class="note">No calls in this month.</p>;
  const { usage, filter } = sums;
  const [input, cached] = [usage.input_tokens ?? 0, usage.cache_read_tokens ?? 0];
  const estimated = sums.estimated > 0 ? `${filter}&is.usage_source=estimated` : undefined;
  return (
    <div class="grid">
      <Stat title="Cost" figure={<Amount amount={sums.amount} currency={currency} filter={filter} />}>
        {sums.cost_per_call !== null && (
          <p>
            <Amount amount={sums.cost_per_call} currency={currency} filter={filter} /> per call
          </p>
        )}
      </Stat>
      <Stat title="Calls" figure={<Count count={sums.calls} filter={filter} />}>
        <p>
          <Count count={sums.errors} filter={sums.errors > 0 ? `${filter}&status=error` : undefined} /> failed
        </p>
      </Stat>
      <Stat title="Tokens" figure={<Tokens sums={sums} />}>
        <p>
          {formatShort(input)} in, {formatShort(cached)} of it from a cache;{' '}
          {formatShort(usage.output_tokens ?? 0)} out
        </p>
      </Stat>
      <Stat
        title="Unpriced"
        open={sums.unpriced + sums.estimated > 0}
        figure={
          <Count count={sums.unpriced} filter={sums.unpriced > 0 ? `${filter}&unpriced=true` : undefined} />
        }
      >
        <p>
          {sums.unpriced > 0 && 'calls whose cost is unknown; '}
          <Count count={sums.estimated} filter={estimated} /> estimated,{' '}
          <Amount amount={sums.estimated_amount} currency={currency} filter={estimated} /> of the cost
        </p>
      </Stat>
    </div>
  );
}
