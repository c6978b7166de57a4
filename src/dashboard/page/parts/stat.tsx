import type { ComponentChildren, VNode } from 'preact';

/** One large figure, and what to know about it. */
export function Stat({
  title,
  figure,
  open = false,
  children,
}: {
  readonly title: string;
  readonly figure: ComponentChildren;
  /** Something that somebody should look at. */
  readonly open?: boolean;
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <section class={open ? 'card stat open' : 'card stat'} aria-label={title}>
      <h2>{title}</h2>
      <p class="figure">{figure}</p>
      {children}
    </section>
  );
}
