import type { VNode } from 'preact';

/** One choice of several, each an address. */
export function Switch({
  label,
  choices,
}: {
  readonly label: string;
  readonly choices: readonly { readonly name: string; readonly href: string; readonly chosen: boolean }[];
}): VNode {
  return (
    <nav class="switch" aria-label={label}>
      {choices.map(({ name, href, chosen }) => (
        <a key={name} href={href} aria-current={chosen ? 'true' : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
