import type { VNode } from 'preact';
import type { EventJson } from '../../api.ts';
import { useMeta } from '../data/meta.ts';
import { formatCount } from '../format/count.ts';
import { formatDuration, formatTime } from '../format/time.ts';
import { linkTo } from '../route.ts';

/** Everything else that is known of an event. There is no content: none is ever kept. */
export function EventFacts({ event }: { readonly event: EventJson }): VNode {
  const { time_zone: zone } = useMeta();
  const usage = Object.entries(event.usage).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return (
    <section aria-label="The call">
      <h2>The call</h2>
      <dl class="facts">
        <dt>Time</dt>
        <dd>
          <time dateTime={event.timestamp}>{formatTime(event.timestamp, zone)}</time> ({zone})
        </dd>
        <dt>Customer</dt>
        <dd>
          {event.customer === null ? (
            <span class="muted">
              {event.attribution_source === undefined ? 'nobody was named' : 'explicitly nobody'}
            </span>
          ) : (
            <a href={linkTo('customer', event.customer)}>{event.customer}</a>
          )}
          {event.call_site !== undefined && ` at ${event.call_site}`}
        </dd>
        <Facts
          facts={[
            ...Object.entries(event.context ?? {}).map(([name, value]): Fact => [name, String(value)]),
            ['Provider', event.provider],
            ['Operation', event.operation],
            ['Model asked for', event.request_model],
            ['Model that answered', event.response_model],
            ['Status', [event.status, event.error_type].filter(Boolean).join(', ')],
            ['Duration', event.duration_ms === undefined ? undefined : formatDuration(event.duration_ms)],
            ['Retries', event.retries ? String(event.retries) : undefined],
            ['Tier', event.service_tier],
            ['Usage from', event.usage_source === 'none' ? 'nobody' : event.usage_source],
            ...usage.map(([name, count]): Fact => [name.replaceAll('_', ' '), formatCount(count)]),
            ['Service', event.service],
            ['Host', event.server_address],
          ]}
        />
        {event.trace_id !== undefined && (
          <>
            <dt>Trace</dt>
            <dd>
              <a href={linkTo('events', undefined, { trace_id: event.trace_id })}>{event.trace_id}</a>
            </dd>
          </>
        )}
        <Facts
          facts={[
            ['Span', event.span_id],
            ['Response', event.response_id],
            ['Request', event.request_id],
            ['Event', event.id],
          ]}
        />
      </dl>
    </section>
  );
}

type Fact = readonly [name: string, value: string | undefined];

function Facts({ facts }: { readonly facts: readonly Fact[] }): VNode {
  return (
    <>
      {facts.map(([name, value]) =>
        value === undefined || value === '' ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
    </>
  );
}
