import type { VNode } from 'preact';
import { formatCount } from '../format/count.ts';
import { Linked } from './amount.tsx';

/** A count, and the events behind it. */
export function Count({
  count,
  filter,
}: {
  readonly count: number;
  readonly filter?: string | undefined;
}): VNode {
  return (
    <Linked filter={filter}>
      <data value={String(count)}>{formatCount(count)}</data>
    </Linked>
  );
}
