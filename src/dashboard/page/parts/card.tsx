import type { ComponentChildren, VNode } from 'preact';

/** A titled part of a screen. */
export function Card({
  title,
  tools,
  children,
}: {
  readonly title: string;
  /** Switches and downloads, beside the title. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <section class="card" aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {tools !== undefined && <div class="card-tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
}
