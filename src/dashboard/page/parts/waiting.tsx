import type { VNode } from 'preact';
import type { Rest } from '../../api.ts';
import { useMeta } from '../data/meta.ts';
import { formatTime } from '../format/time.ts';
import type { Asked } from '../data/use-answer.ts';

/** What stands where an answer will stand: that it is awaited, or why it does not come. */
export function Waiting({ asked }: { readonly asked: Asked<unknown> }): VNode {
  return asked.problem === undefined ? (
    <output class="waiting">Adding up …</output>
  ) : (
    <Problem text={asked.problem} />
  );
}

export function Problem({ text }: { readonly text: string }): VNode {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

/** How far an answer has come that is there in part: it is made from the events, from the newest back. */
export function SoFar({ rest }: { readonly rest: Rest }): VNode | null {
  const { time_zone: zone } = useMeta();
  const end = rest === null ? null : new URLSearchParams(rest).get('end');
  if (end === null) return null;
  return <output class="waiting so-far">So far; still looking, back from {formatTime(end, zone)} …</output>;
}
