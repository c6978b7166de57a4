import type { CostEvent } from '../../metering/cost-event.ts';
import { known } from '../../base/read.ts';
import { eventLine } from '../../reports/event-line.ts';
import { reasonsForEmpty } from '../empty-answer.ts';
import { choice, FILTER_INPUTS, type FilterInput, filterOfInput, wholeNumber, words } from './inputs.ts';
import { defineTool, type Tool } from './tool.ts';
import { totalsOf, withTotals } from './totals.ts';

interface EventsInput extends FilterInput {
  readonly responseId?: string;
  readonly traceId?: string;
  readonly minCost?: string;
  readonly maxCost?: string;
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
  readonly cursor?: string;
}

export const eventsTool: Tool = defineTool<EventsInput>({
  name: 'events',
  title: 'The calls themselves',
  description:
    'The cost events of single LLM calls: when, for whom, which model, what was consumed, what it cost. Never what was said in a call: no event holds that.',
  inputs: {
    ...FILTER_INPUTS,
    responseId: words("Calls whose reply had this id of the provider's."),
    traceId: words('Calls of this trace.'),
    minCost: words("Calls that cost at least this: '0.5'."),
    maxCost: words("Calls that cost at most this: '0.5'."),
    order: choice('By start: desc, the newest first, or asc. Default: desc.', ['asc', 'desc']),
    limit: wholeNumber('At most so many; the totals are over all. Default: 20.', 500),
    cursor: words('The next_cursor of an earlier answer: what comes after it.'),
  },
  outputSchema: withTotals({
    events: { type: 'array', items: { type: 'object' } },
    next_cursor: { type: ['string', 'null'] },
  }),
  async answer(ledger, input) {
    const { responseId, traceId, minCost, maxCost, order = 'desc', limit = 20, cursor, ...rest } = input;
    const filter = {
      ...filterOfInput('events', rest),
      ...known({ responseId, traceId, minCost, maxCost }),
    };
    const events: CostEvent[] = [];
    for await (const event of ledger.events({ ...filter, order, limit, ...known({ cursor }) }))
      events.push(event);
    const totals = await totalsOf(ledger, filter);
    const notes = events.length === 0 ? await reasonsForEmpty(ledger, filter) : [];
    return {
      text: [totals.text, ...notes, ...events.map(eventLine)].join('\n'),
      data: {
        events: events.map((event) => event.toJSON()),
        next_cursor: events.length < limit ? null : (events.at(-1)?.id ?? null),
        totals: totals.json,
        notes,
      },
    };
  },
});
