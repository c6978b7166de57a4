import { CostspanError } from '../../base/errors.ts';
import { costToJson } from '../../metering/event-json.ts';
import { explanationOf } from '../../reports/explanation.ts';
import { explanationText, suppressedToJson } from '../explain.ts';
import { words } from './inputs.ts';
import { defineTool, type Tool } from './tool.ts';

const PROPERTIES = {
  event: { type: 'object' },
  adjustments: { type: 'array', items: { type: 'object' } },
  amount: { type: ['string', 'null'], description: 'Exact, adjustments included; null: unpriced.' },
  currency: { type: ['string', 'null'] },
  unattributed: { type: 'boolean' },
  unpriced: { type: 'boolean' },
  estimated: { type: 'boolean' },
};

export const explainTool: Tool = defineTool<{ readonly id: string }>({
  name: 'explain',
  title: 'The arithmetic of one call',
  description:
    'How the cost of one call came about: every line item, the price it rests on and where that price was read, and the adjustments made since.',
  inputs: { id: { ...words('The id of an event, as the tool events shows it.'), required: true } },
  outputSchema: { type: 'object', properties: PROPERTIES, required: Object.keys(PROPERTIES) },
  async answer(ledger, { id }) {
    const found = await explanationOf(ledger, id);
    if (found === undefined)
      throw new CostspanError('EVENT_UNKNOWN', `There is no event '${id}'. The tool events shows the ids.`);
    const { event, adjustments, suppressed, amount } = found;
    return {
      text: explanationText(found).trimEnd(),
      data: {
        event: event.toJSON(),
        cost: costToJson(event.cost),
        adjustments: adjustments.map((each) => each.toJSON()),
        suppressed: suppressed.map(suppressedToJson),
        amount: amount ?? null,
        currency: event.cost.currency ?? adjustments.find(({ cost }) => cost.currency)?.cost.currency ?? null,
        unattributed: event.customer === null && event.attributionSource === undefined,
        unpriced: amount === undefined,
        estimated: event.usageSource === 'estimated',
      },
    };
  },
});
