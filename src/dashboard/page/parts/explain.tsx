import type { VNode } from 'preact';
import type { CostJson, EventAnswer, LineItemJson } from '../../api.ts';
import { addressOf } from '../data/address.ts';
import { useAnswer } from '../data/use-answer.ts';
import { Drawer } from './drawer.tsx';
import { EventFacts } from './event-facts.tsx';
import { Sources } from './price-card.tsx';
import { SaveCsv } from './save-csv.tsx';
import { type Column, Table } from './table.tsx';
import { Waiting } from './waiting.tsx';

/** How the amount of one event came about, down to the row of the price list and where that was read. */
export function Explain({ id, onClose }: { readonly id: string; readonly onClose: () => void }): VNode {
  const asked = useAnswer<EventAnswer>(addressOf('event', { id }));
  const { answer } = asked;
  return (
    <Drawer title="What this call cost" onClose={onClose}>
      {answer === undefined ? <Waiting asked={asked} /> : <Explanation answer={answer} />}
    </Drawer>
  );
}

function Explanation({ answer }: { readonly answer: EventAnswer }): VNode {
  const { event, sources, adjustments, suppressed } = answer;
  return (
    <>
      <Cost cost={event.cost} addsUp={answer.adds_up} />
      {event.cost.price !== null && (
        <section aria-label="Price">
          <h2>Price</h2>
          <dl class="facts">
            <dt>Row</dt>
            <dd>{event.cost.price.id}</dd>
            <dt>List</dt>
            <dd>{event.cost.price.list}</dd>
            {event.cost.price.valid_from !== null && (
              <>
                <dt>In force from</dt>
                <dd>{event.cost.price.valid_from}</dd>
              </>
            )}
            <Sources sources={sources} />
          </dl>
        </section>
      )}
      {event.charge !== undefined && (
        <section aria-label="Charge">
          <h2>Charge</h2>
          <p>
            {event.charge.amount === undefined
              ? event.charge.reason
              : `${event.charge.currency ?? ''} ${event.charge.amount}`}
            , by rate card {event.charge.rate_card}
          </p>
        </section>
      )}
      {adjustments.map(({ event: later, explanation }) => (
        <section key={later.id} aria-label="Correction">
          <h2>Corrected later</h2>
          <pre tabIndex={0}>{explanation}</pre>
        </section>
      ))}
      {suppressed.length > 0 && (
        <section aria-label="Not billed again">
          <h2>Not billed again</h2>
          <ul>
            {suppressed.map(({ span_id: span, name, scope, reason }) => (
              <li key={span}>
                {name} of {scope}: {reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      <EventFacts event={event} />
    </>
  );
}

function Cost({ cost, addsUp }: { readonly cost: CostJson; readonly addsUp: boolean }): VNode {
  const columns = columnsOf(cost);
  return (
    <section aria-label="Arithmetic">
      <div class="card-head">
        <p class="figure">
          {cost.amount === undefined ? (
            'Unpriced'
          ) : (
            <data value={cost.amount}>
              {cost.currency} {cost.amount}
            </data>
          )}
        </p>
        {cost.line_items.length > 0 && <SaveCsv name="line items" columns={columns} rows={cost.line_items} />}
      </div>
      {cost.reason !== undefined && (
        <p class={cost.status === 'unpriced' ? 'note' : 'muted'}>{cost.reason}</p>
      )}
      {cost.line_items.length > 0 && (
        <>
          <Table
            name="Line items"
            columns={columns}
            rows={cost.line_items}
            keyOf={({ meter, model, unit_price: price }) => `${meter} ${model} ${price}`}
          />
          <p class="muted small">
            {addsUp
              ? 'Calculated again from quantity and price, the lines add up to the amount, to the last digit.'
              : 'Calculated again from quantity and price, the lines do not add up to the amount.'}
            {cost.source === 'provider' && ' The amount is the provider’s own.'}
          </p>
        </>
      )}
      {(cost.notes ?? []).map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </section>
  );
}

function columnsOf(cost: CostJson): Column<LineItemJson>[] {
  return [
    {
      head: 'Meter',
      kind: 'title',
      cell: ({ meter, model }) => (model === undefined ? meter : `${meter} (${model})`),
      text: ({ meter }) => meter,
    },
    {
      head: 'Quantity × price ÷ per',
      cell: (item) => <span class="equation">{equationOf(item)}</span>,
      text: equationOf,
    },
    {
      head: `Amount, ${cost.currency ?? ''}`,
      kind: 'number',
      cell: ({ amount }) => <data value={amount}>{amount}</data>,
      text: ({ amount }) => amount,
      foot: <data value={cost.amount ?? ''}>{cost.amount}</data>,
    },
  ];
}

/** `1,920 × 1.25 ÷ 1000000 × 0.5 (batch)` */
function equationOf({ quantity, unit_price: price, per, multipliers = [] }: LineItemJson): string {
  const factors = multipliers.map(({ name, factor }) => ` × ${factor} (${name})`).join('');
  return `${quantity} × ${price}${per === '1' ? '' : ` ÷ ${per}`}${factors}`;
}
