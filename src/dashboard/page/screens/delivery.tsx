import type { VNode } from 'preact';
import type { DeadLetterJson, DeliveryAnswer, OutboxJson, SinkJson } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useMeta } from '../data/meta.ts';
import { useAnswer } from '../data/use-answer.ts';
import { formatDuration, formatTime } from '../format/time.ts';
import { Card } from '../parts/card.tsx';
import { Count } from '../parts/count.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { Head } from '../parts/head.tsx';
import { SaveCsv } from '../parts/save-csv.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { linkTo, type Route } from '../route.ts';

const ADDRESS = addressOf('delivery');

/** Whether every sink has what it should have. */
export function DeliveryScreen({ route }: { readonly route: Route }): VNode {
  const asked = useAnswer<DeliveryAnswer>(ADDRESS, 5_000);
  const { answer } = asked;
  return (
    <>
      <Head title="Delivery" route={route} month={false} />
      {answer === undefined ? <Waiting asked={asked} /> : <Health answer={answer} />}
    </>
  );
}

function Health({
  answer: { ledger, sinks, outbox, dead_letters: dead },
}: {
  readonly answer: DeliveryAnswer;
}): VNode {
  const here = [...(ledger === null ? [] : [ledger]), ...sinks];
  return (
    <>
      <Card title="Waiting in the ledger" tools={<CsvLink of={ADDRESS} name="delivery" />}>
        {outbox.length === 0 ? (
          <p class="muted">This ledger delivers to no other sink: the events stay here.</p>
        ) : (
          <Outbox rows={outbox} />
        )}
      </Card>
      {here.length > 0 && <Sinks rows={here} />}
      <DeadLetters rows={dead} />
    </>
  );
}

function Outbox({ rows }: { readonly rows: readonly OutboxJson[] }): VNode {
  const { time_zone: zone } = useMeta();
  return (
    <Table
      name="Waiting in the ledger"
      rows={rows}
      keyOf={({ sink }) => sink}
      columns={[
        { head: 'Sink', kind: 'title', cell: ({ sink }) => sink },
        {
          head: 'State',
          cell: ({ pending, dead }) => (
            <State status={dead > 0 ? 'failing' : pending > 0 ? 'waiting' : 'ok'} />
          ),
        },
        { head: 'Waiting', kind: 'number', cell: ({ pending }) => <Count count={pending} /> },
        { head: 'Refused for good', kind: 'number', cell: ({ dead }) => <Count count={dead} /> },
        {
          head: 'Oldest waits since',
          kind: 'narrow',
          cell: ({ oldest }) =>
            oldest === null ? '' : <time dateTime={oldest}>{formatTime(oldest, zone)}</time>,
        },
      ]}
    />
  );
}

function Sinks({ rows }: { readonly rows: readonly SinkJson[] }): VNode {
  const columns: Column<SinkJson>[] = [
    { head: 'Sink', kind: 'title', cell: ({ name }) => name, text: ({ name }) => name },
    { head: 'State', cell: ({ status }) => <State status={status} />, text: ({ status }) => status },
    { head: 'Sent', kind: 'number', cell: ({ sent }) => <Count count={sent} />, text: ({ sent }) => sent },
    {
      head: 'Waiting',
      kind: 'number',
      cell: ({ pending }) => <Count count={pending} />,
      text: ({ pending }) => pending,
    },
    {
      head: 'Failed',
      kind: 'number',
      cell: ({ failed }) => <Count count={failed} />,
      text: ({ failed }) => failed,
    },
    {
      head: 'Dropped',
      kind: 'number',
      cell: ({ dropped }) => <Count count={dropped} />,
      text: ({ dropped }) => dropped,
    },
    {
      head: 'Oldest waits for',
      kind: 'narrow',
      cell: ({ oldest_pending_age_ms: age }) => (age === null ? '' : formatDuration(age)),
      text: ({ oldest_pending_age_ms: age }) => age,
    },
    {
      head: 'Last error',
      cell: ({ last_error: error }) => error ?? '',
      text: ({ last_error: error }) => error,
    },
  ];
  return (
    <Card title="Sinks of this process" tools={<SaveCsv name="sinks" columns={columns} rows={rows} />}>
      <Table name="Sinks of this process" columns={columns} rows={rows} keyOf={({ name }) => name} />
    </Card>
  );
}

function DeadLetters({ rows }: { readonly rows: readonly DeadLetterJson[] }): VNode | null {
  const { time_zone: zone } = useMeta();
  if (rows.length === 0) return null;
  const columns: Column<DeadLetterJson>[] = [
    { head: 'Sink', kind: 'title', cell: ({ sink }) => sink, text: ({ sink }) => sink },
    {
      head: 'Event',
      kind: 'narrow',
      cell: ({ event_id: id }) => <a href={linkTo('events', undefined, { id, event: id })}>{id}</a>,
      text: ({ event_id: id }) => id,
    },
    {
      head: 'Refused',
      kind: 'narrow',
      cell: ({ failed_at: at }) => <time dateTime={at}>{formatTime(at, zone)}</time>,
      text: ({ failed_at: at }) => at,
    },
    { head: 'Status', kind: 'number', cell: ({ status }) => status ?? '', text: ({ status }) => status },
    {
      head: 'Why',
      cell: ({ error, response }) => response ?? error,
      text: ({ error, response }) => response ?? error,
    },
  ];
  return (
    <Card title="Refused for good" tools={<SaveCsv name="refused for good" columns={columns} rows={rows} />}>
      <p class="muted">
        <code>costspan outbox</code> lists them, offers them again, or gives them up. The events stay in the
        ledger.
      </p>
      <Table
        name="Refused for good"
        columns={columns}
        rows={rows}
        keyOf={(row) => `${row.sink} ${row.event_id}`}
      />
    </Card>
  );
}

function State({ status }: { readonly status: string }): VNode {
  const kind = status === 'ok' ? 'good' : status === 'failing' ? 'bad' : 'warn';
  return <span class={`tag ${kind}`}>{status}</span>;
}
