import type { VNode } from 'preact';
import type { Events, Found } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useMeta } from '../data/meta.ts';
import { joinEvents, joinFound } from '../data/joined.ts';
import { useParts } from '../data/use-answer.ts';
import { formatTime } from '../format/time.ts';
import { Amount } from '../parts/amount.tsx';
import { Card } from '../parts/card.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { EventFilters } from '../parts/event-filters.tsx';
import { EventTable } from '../parts/event-table.tsx';
import { Explain } from '../parts/explain.tsx';
import { Head } from '../parts/head.tsx';
import { SoFar, Waiting } from '../parts/waiting.tsx';
import { linkWith, type Route } from '../route.ts';

const LIVE_MS = 2_000;
const PAGE = '50';
/** What the address says of the screen itself; everything else in it is a filter. */
const OF_THE_SCREEN = ['event', 'live', 'cursor', 'currency'];

/** Every event, by any filter: the filters stand in the address, and so do the page and the event that is open. */
export function EventsScreen({ route }: { readonly route: Route }): VNode {
  const filter = new URLSearchParams(route.query);
  for (const name of OF_THE_SCREEN) filter.delete(name);
  const cursor = route.query.get('cursor') ?? undefined;
  const live = route.query.get('live') === '1' && cursor === undefined;
  const open = route.query.get('event');
  const address = addressOf('events', { order: 'desc', limit: PAGE, cursor }, filter);
  const asked = useParts<Events>(address, joinEvents, live ? LIVE_MS : undefined);
  const { answer } = asked;
  return (
    <>
      <Head title="Events" route={route} month={false} />
      <Card title="Filters">
        <EventFilters route={route} filter={filter} />
      </Card>
      <Card
        title={live ? 'Events, as they come' : 'Events'}
        tools={
          <>
            <button
              type="button"
              aria-pressed={live}
              onClick={() => {
                location.hash = linkWith(route, { live: live ? undefined : '1', cursor: undefined });
              }}
            >
              Live tail
            </button>
            <CsvLink of={addressOf('events', filter)} name="events" />
          </>
        }
      >
        <Sum filter={filter} live={live} />
        {answer === undefined ? (
          <Waiting asked={asked} />
        ) : (
          <>
            {(answer.events.length > 0 || answer.rest === null) && (
              <EventTable events={answer.events} route={route} live={live} />
            )}
            <SoFar rest={answer.rest} />
          </>
        )}
        {answer !== undefined && (cursor !== undefined || answer.next_cursor !== null) && (
          <nav class="card-tools" aria-label="Pages">
            {cursor !== undefined && (
              <a class="button" href={linkWith(route, { cursor: undefined })}>
                Newest
              </a>
            )}
            {answer.next_cursor !== null && !live && (
              <a class="button" href={linkWith(route, { cursor: answer.next_cursor })}>
                Older
              </a>
            )}
          </nav>
        )}
      </Card>
      {open !== null && (
        <Explain id={open} onClose={() => (location.hash = linkWith(route, { event: undefined }))} />
      )}
    </>
  );
}

/** The exact sum of what the filters find. */
function Sum({ filter, live }: { readonly filter: URLSearchParams; readonly live: boolean }): VNode | null {
  const { time_zone: zone } = useMeta();
  const { answer } = useParts<Found>(addressOf('sum', filter), joinFound, live ? LIVE_MS : undefined);
  if (answer === undefined) return null;
  const [start, end] = [filter.get('start'), filter.get('end')];
  return (
    <p class={answer.rest === null ? 'muted' : 'muted adding'} data-part="sum">
      {answer.calls === 0 && answer.amounts.length === 0 ? (
        'No calls'
      ) : (
        <>
          <Count count={answer.calls} /> {answer.calls === 1 ? 'call' : 'calls'}
        </>
      )}
      {answer.amounts.map(({ currency, amount }) => (
        <span key={currency}>
          , <Amount amount={amount} currency={currency} />
        </span>
      ))}
      {answer.unpriced > 0 && `, ${answer.unpriced} unpriced`}
      {(start !== null || end !== null) &&
        ` · ${[start && `from ${formatTime(start, zone)}`, end && `to ${formatTime(end, zone)}`].filter(Boolean).join(' ')}`}
      {answer.rest !== null && ' … so far'}
    </p>
  );
}
