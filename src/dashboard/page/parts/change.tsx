import type { VNode } from 'preact';
import type { Amount } from '../../api.ts';
import { formatChange } from '../format/percent.ts';

/** Spend beside the same days of the month before; more is worse. */
export function Change({
  change,
  than,
}: {
  readonly change: Amount | null;
  /** What it is compared with. */
  readonly than: string;
}): VNode | null {
  if (change === null) return null;
  return (
    <>
      {', '}
      <span class={change.startsWith('-') ? 'better' : 'worse'}>
        <data value={change}>{formatChange(change)}</data> on {than}
      </span>
    </>
  );
}
