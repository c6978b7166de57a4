import type { VNode } from 'preact';
import type { EventJson } from '../../api.ts';

/** What is out of the ordinary about an event. */
export function EventTags({ event }: { readonly event: EventJson }): VNode {
  const { kind, status, error_type: error, usage_source: source, cost } = event;
  const tags: readonly (readonly [text: string, kind: string])[] = [
    ...(kind === 'usage' ? [] : [[kind, ''] as const]),
    ...(status === 'ok' ? [] : [[error ?? status, status === 'error' ? 'bad' : 'warn'] as const]),
    ...(source === 'estimated' ? [['estimated', 'warn'] as const] : []),
    ...(cost.status === 'priced' ? [] : [[cost.status, cost.status === 'unpriced' ? 'warn' : ''] as const]),
  ];
  return (
    <span class="tags">
      {tags.map(([text, kind]) => (
        <span key={text} class={`tag ${kind}`}>
          {text}
        </span>
      ))}
    </span>
  );
}
