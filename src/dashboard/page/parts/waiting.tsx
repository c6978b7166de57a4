import type { VNode } from 'preact';
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
