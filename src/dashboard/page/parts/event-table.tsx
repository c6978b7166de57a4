import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { EventJson } from '../../api.ts';
import { useMeta } from '../data/meta.ts';
import { formatCount } from '../format/count.ts';
import { formatMoney, placesFor } from '../format/money.ts';
import { formatTime } from '../format/time.ts';
import { linkTo, linkWith, type Route } from '../route.ts';
import { EventTags } from './event-tags.tsx';
import { Table } from './table.tsx';

/** Events, the newest first; each opens what explains its amount. */
export function EventTable({
  events,
  route,
  live,
}: {
  readonly events: readonly EventJson[];
  readonly route: Route;
  readonly live: boolean;
}): VNode {
  const { time_zone: zone } = useMeta();
  const fresh = useFresh(events, live);
  if (events.length === 0) return <p class="muted">No event matches these filters.</p>;
  const places = placesFor(events.map(({ cost }) => cost.amount));
  return (
    <>
      {live && <output class="hidden">{fresh.size > 0 && `${fresh.size} new events`}</output>}
      <Table
        name="Events"
        rows={events}
        keyOf={({ id }) => id}
        rowClass={({ id }) => (fresh.has(id) ? 'fresh' : undefined)}
        columns={[
          {
            head: 'Time',
            kind: 'narrow',
            cell: ({ id, timestamp }) => (
              <a
                href={linkWith(route, { event: id })}
                aria-label={`Explain the event of ${formatTime(timestamp, zone)}`}
              >
                <time dateTime={timestamp}>{formatTime(timestamp, zone)}</time>
              </a>
            ),
          },
          {
            head: 'Customer',
            cell: ({ customer, attribution_source: source }) =>
              customer === null ? (
                <span class={source === undefined ? 'tag warn' : 'tag'}>
                  {source === undefined ? 'unattributed' : 'nobody'}
                </span>
              ) : (
                <a href={linkTo('customer', customer)}>{customer}</a>
              ),
          },
          { head: 'Feature', kind: 'wide', cell: ({ context }) => String(context?.feature ?? '') },
          {
            head: 'Model',
            kind: 'wide',
            cell: ({ provider, request_model: asked, response_model: answered }) => {
              const model = answered ?? asked;
              return model === undefined ? '' : <a href={linkTo('model', model, { provider })}>{model}</a>;
            },
          },
          { head: 'Notes', cell: (event) => <EventTags event={event} /> },
          { head: 'In', kind: 'number wide', cell: ({ usage }) => quantity(usage.input_tokens) },
          { head: 'Out', kind: 'number wide', cell: ({ usage }) => quantity(usage.output_tokens) },
          {
            head: 'Cost',
            kind: 'number',
            cell: ({ id, cost: { amount, currency } }) => (
              <a href={linkWith(route, { event: id })}>
                {amount === undefined ? (
                  'unknown'
                ) : (
                  <data value={amount} title={`${currency ?? ''} ${amount}, exactly`}>
                    {formatMoney(amount, currency ?? 'USD', places)}
                  </data>
                )}
              </a>
            ),
          },
        ]}
      />
    </>
  );
}

function quantity(count: unknown): string {
  return typeof count === 'number' ? formatCount(count) : '–';
}

/** The events that were not there when the tail was switched on. */
function useFresh(events: readonly EventJson[], live: boolean): ReadonlySet<string> {
  const before = useRef<ReadonlySet<string> | undefined>(undefined);
  const ids = new Set(events.map(({ id }) => id));
  const known = before.current;
  useEffect(() => {
    before.current = live ? new Set([...(before.current ?? []), ...ids]) : undefined;
  });
  return known === undefined ? new Set() : new Set([...ids].filter((id) => !known.has(id)));
}
