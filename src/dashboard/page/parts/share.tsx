import type { VNode } from 'preact';
import type { Amount } from '../../api.ts';
import { formatPercent } from '../format/percent.ts';

/** A part of a total, as a bar and in percent. */
export function Share({ share }: { readonly share: Amount | null }): VNode {
  if (share === null) return <span class="muted">unknown</span>;
  return (
    <span class="share">
      <Level percent={Number(share) * 100} kind="" />
      <data value={share}>{formatPercent(share)}</data>
    </span>
  );
}

/** How full something is. The figure stands beside it. */
export function Level({
  percent,
  kind,
}: {
  readonly percent: number;
  readonly kind: '' | 'warn' | 'bad';
}): VNode {
  return (
    <svg class="burn" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="10" rx="2" />
      <rect class={`level ${kind}`} width={Math.min(100, Math.max(0, percent))} height="10" rx="2" />
    </svg>
  );
}
