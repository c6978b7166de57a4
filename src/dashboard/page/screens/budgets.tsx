import type { VNode } from 'preact';
import type { BudgetJson, Budgets, NoticeJson } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useMeta } from '../data/meta.ts';
import { useAnswer } from '../data/use-answer.ts';
import { formatTime } from '../format/time.ts';
import { BudgetAmount, scopeOf, stateOf } from '../parts/budget-amount.tsx';
import { Card } from '../parts/card.tsx';
import { CsvLink } from '../parts/csv-link.tsx';
import { Head } from '../parts/head.tsx';
import { SaveCsv } from '../parts/save-csv.tsx';
import { Level } from '../parts/share.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Waiting } from '../parts/waiting.tsx';
import type { Route } from '../route.ts';

const ADDRESS = addressOf('budgets');

/** How far each budget is used, and which thresholds were told. */
export function BudgetsScreen({ route }: { readonly route: Route }): VNode {
  const asked = useAnswer<Budgets>(ADDRESS, 30_000);
  const { answer } = asked;
  return (
    <>
      <Head title="Budgets" route={route} month={false} />
      {answer === undefined ? (
        <Waiting asked={asked} />
      ) : (
        <>
          <Card title="Budgets" tools={<CsvLink of={ADDRESS} name="budgets" />}>
            {answer.rows.length === 0 ? <None /> : <List rows={answer.rows} />}
          </Card>
          {answer.notices.length > 0 && <Notices notices={answer.notices} />}
        </>
      )}
    </>
  );
}

function None(): VNode {
  return (
    <p class="muted">
      No budgets in this ledger. <code>costspan budgets set</code> makes one, or <code>new Budget(…)</code> in
      the application’s set-up.
    </p>
  );
}

function List({ rows }: { readonly rows: readonly BudgetJson[] }): VNode {
  return (
    <Table
      name="Budgets"
      rows={rows}
      keyOf={({ query }) => query}
      columns={[
        {
          head: 'Budget',
          kind: 'title',
          cell: (row) => (
            <>
              <a href={`#/budget?${row.query}`}>{row.id}</a>
              <div class="muted small">{scopeOf(row)}</div>
            </>
          ),
        },
        { head: 'Per', kind: 'wide', cell: (row) => row.period_name },
        {
          head: 'At the limit',
          kind: 'wide',
          cell: ({ action }) => (
            <span class="tag">{action === 'block' ? 'refuses calls' : `${action}s`}</span>
          ),
        },
        { head: 'Used', kind: 'wide', cell: (row) => <Level percent={row.percent} kind={stateOf(row)} /> },
        {
          head: 'Percent',
          kind: 'number',
          cell: (row) => (
            <span class={stateOf(row) === '' ? undefined : `tag ${stateOf(row)}`}>
              <data value={String(row.percent)}>{row.percent.toFixed(1)} %</data>
            </span>
          ),
        },
        {
          head: 'Spent',
          kind: 'number',
          cell: (row) => <BudgetAmount budget={row} amount={row.spent} filter={row.filter} />,
        },
        { head: 'Limit', kind: 'number', cell: (row) => <BudgetAmount budget={row} amount={row.limit} /> },
        { head: 'Left', kind: 'number', cell: (row) => <BudgetAmount budget={row} amount={row.remaining} /> },
      ]}
    />
  );
}

function Notices({ notices }: { readonly notices: readonly NoticeJson[] }): VNode {
  const { time_zone: zone } = useMeta();
  const columns: Column<NoticeJson>[] = [
    { head: 'Notice', kind: 'title', cell: ({ id }) => id, text: ({ id }) => id },
    {
      head: 'Raised',
      kind: 'narrow',
      cell: ({ created_at: at }) => <time dateTime={at}>{formatTime(at, zone)}</time>,
      text: ({ created_at: at }) => at,
    },
    {
      head: 'Told',
      cell: ({ told }) => <span class={told ? 'tag good' : 'tag warn'}>{told ? 'yes' : 'not yet'}</span>,
      text: ({ told }) => String(told),
    },
    { head: 'Attempts', kind: 'number', cell: ({ attempts }) => attempts, text: ({ attempts }) => attempts },
  ];
  return (
    <Card title="Notices" tools={<SaveCsv name="notices" columns={columns} rows={notices} />}>
      <Table name="Notices" columns={columns} rows={notices} keyOf={({ id }) => id} />
    </Card>
  );
}
