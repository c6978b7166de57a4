import { amountOf } from '../pricing/line-item.ts';
import { sumDecimals } from '../base/decimal.ts';
import type { Cost, LineItem, PriceReference } from '../pricing/price.ts';
import { printable } from './labels.ts';

/**
 * A cost as arithmetic: one line per line item, each recalculated, and whether the lines add up.
 *
 * `cache_read   1920 × 1.25 ÷ 1000000 = 0.0024`
 */
export function explainCost(cost: Cost): string {
  const lines = [
    ...(cost.price === undefined ? [] : [priceLine(cost.price)]),
    ...(cost.reason === undefined ? [] : [`reason  ${cost.reason}`]),
    ...(cost.lineItems.length === 0 ? [] : ['', ...itemLines(cost.lineItems)]),
    '',
    totalLine(cost),
    ...(cost.notes ?? []).map((note) => `note    ${note}`),
    ...(cost.local === undefined
      ? []
      : ['', 'our own figure:', ...explainCost(cost.local).trimEnd().split('\n')]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function priceLine({ list, id, validFrom, validTo }: PriceReference): string {
  const from = validFrom === undefined ? '' : `, from ${validFrom}`;
  const until = validTo === undefined ? '' : ` until ${validTo}`;
  return `price   ${id} in ${list}${from}${until}`;
}

function itemLines(items: readonly LineItem[]): string[] {
  const width = Math.max(...items.map(({ meter }) => meter.length));
  return items.map((item) => {
    const { meter, quantity, unitPrice, per, amount, multipliers = [], model } = item;
    const factors = multipliers.map(({ name, factor }) => ` × ${factor} (${name})`).join('');
    const divisor = per === '1' ? '' : ` ÷ ${per}`;
    const wrong = amountOf(item) === amount ? '' : `  (recalculated: ${amountOf(item)})`;
    const of = model === undefined ? '' : `  [${model}]`;
    return `${meter.padEnd(width)}  ${quantity} × ${unitPrice}${divisor}${factors} = ${amount}${of}${wrong}`;
  });
}

function totalLine({ status, amount, currency, source, lineItems }: Cost): string {
  if (amount === undefined) return status;
  const total = sumDecimals(lineItems.map((item) => item.amount));
  const check = status === 'priced' && total !== amount ? `  (the lines add up to ${total})` : '';
  const who = source === 'provider' ? ', as the provider reports it' : '';
  return `${status}  ${currency ?? ''} ${amount}${who}${check}`;
}
