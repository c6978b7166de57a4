import { printable } from '../../reports/labels.ts';
import { unpricedGroups } from '../../reports/unpriced.ts';
import { known } from '../../base/read.ts';
import { describePrices, pricesOf } from '../prices.ts';
import { parseTime } from '../../reports/parse-time.ts';
import { FILTER_INPUTS, type FilterInput, filterOfInput, words } from './inputs.ts';
import { defineTool, type Tool } from './tool.ts';
import { totalsOf, withTotals } from './totals.ts';

interface PricesInput extends Pick<
  FilterInput,
  'model' | 'provider' | 'since' | 'until' | 'month' | 'timeZone'
> {
  readonly at?: string;
}

const { since, until, month, timeZone } = FILTER_INPUTS;

export const pricesTool: Tool = defineTool<PricesInput>({
  name: 'prices',
  title: 'What models cost',
  description:
    'With a model: its list prices at every provider that sells it, where and when they were read, and what calls to it cost. Without one: which calls in the ledger have no price, and why. Offline.',
  inputs: {
    model: words('As requests or replies name it: gpt-4o.'),
    provider: words('At this provider only.'),
    at: words('Prices at this time; default: now.', parseTime),
    since,
    until,
    month,
    timeZone,
  },
  outputSchema: withTotals({
    prices: { type: 'array', items: { type: 'object' } },
    missing: { type: 'array', items: { type: 'object' } },
  }),
  async answer(ledger, { at, ...input }) {
    const { model, provider } = input;
    const filter = filterOfInput('prices', input);
    const found =
      model === undefined
        ? []
        : pricesOf(model, known({ provider, at: at === undefined ? undefined : parseTime(at) }));
    const missing = await unpricedGroups(ledger, filter);
    const totals = await totalsOf(ledger, filter);
    return {
      text: [
        ...found.map(({ provider: owner, prices }) => describePrices(owner, model ?? '', prices)),
        ...missing.map((each) =>
          printable(
            `no price for ${each.events} calls: ${each.provider} ${each.model ?? '(no model)'}: ${each.reason}`,
          ),
        ),
        ...(missing.length === 0 ? ['Every call has a price.'] : []),
        totals.text,
      ].join('\n'),
      data: {
        prices: found.map(({ provider: owner, prices }) => ({ provider: owner, model, ...prices })),
        missing,
        totals: totals.json,
      },
    };
  },
});
