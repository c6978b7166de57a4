import { roundDecimal } from '../base/decimal.ts';
import type { JsonObject } from '../base/read.ts';
import { toCsv } from './csv.ts';
import { showTime } from './format-table.ts';
import type { Invoice } from './invoice.ts';
import { printable } from './labels.ts';
import { layOut } from './table.ts';

/** The invoice as people read it in a terminal. */
export function formatInvoice(invoice: Invoice, width?: number): string {
  const { currency, lines, total } = invoice;
  const head = ['description', 'calls', 'quantity', 'unit price', `amount ${currency}`];
  const rows = lines.map((line) => [
    printable(line.description),
    String(line.calls),
    line.quantity,
    priceOf(line),
    line.amount,
  ]);
  const table = layOut(head, rows, width === undefined ? { names: 1 } : { names: 1, width }, [
    ['total', '', '', '', total],
  ]);
  return [
    `Invoice preview: ${printable(titleOf(invoice))}, ${periodOf(invoice)}`,
    '',
    ...table,
    '',
    ...notesOf(invoice),
    '',
  ].join('\n');
}

export function invoiceToCsv(invoice: Invoice): string {
  return toCsv(
    invoice.lines.map((line) => [
      invoice.customer,
      invoice.period.start.toISOString(),
      invoice.period.end.toISOString(),
      line.description,
      line.rateCard,
      line.meter,
      line.model,
      line.calls,
      line.quantity,
      line.unitPrice,
      line.per,
      line.exact,
      line.amount,
      invoice.currency,
    ]),
    [
      'customer',
      'start',
      'end',
      'description',
      'rate_card',
      'meter',
      'model',
      'calls',
      'quantity',
      'unit_price',
      'per',
      'exact',
      'amount',
      'currency',
    ],
  );
}

export function invoiceToJson(invoice: Invoice): JsonObject {
  const { period, timeZone, lines, ...rest } = invoice;
  return {
    ...rest,
    period: { start: period.start.toISOString(), end: period.end.toISOString() },
    time_zone: timeZone,
    lines: lines.map(({ rateCard, unitPrice, ...line }) => ({
      ...line,
      rate_card: rateCard,
      unit_price: unitPrice,
    })),
  };
}

/** A page for print: no script, nothing loaded from anywhere. */
export function invoiceToHtml(invoice: Invoice): string {
  const { currency, lines, total } = invoice;
  const rows = lines.map(
    (line) =>
      `<tr><td>${escape(line.description)}</td><td>${line.calls}</td><td>${line.quantity}</td><td>${priceOf(line)}</td><td>${line.amount}</td></tr>`,
  );
  const title = `Invoice preview ${escape(titleOf(invoice))}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>
@page { size: A4; margin: 20mm }
body { font: 11pt/1.5 system-ui, sans-serif; max-width: 170mm; margin: 2em auto; color: #111 }
h1 { font-size: 18pt; margin: 0 } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em; margin: 1.5em 0 }
dt { color: #666 } dd { margin: 0 } table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .35em .5em; border-bottom: 1px solid #ddd } th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere }
thead { display: table-header-group } tr { break-inside: avoid } tfoot td { border: 0; font-weight: 700; font-size: 12pt }
.notes { color: #666; font-size: 9pt; margin-top: 2em }
</style></head><body>
<h1>Invoice preview</h1>
<dl><dt>Customer</dt><dd>${escape(titleOf(invoice))}</dd><dt>Period</dt><dd>${escape(periodOf(invoice))}</dd><dt>Currency</dt><dd>${escape(currency)}</dd></dl>
<table><thead><tr><th>Description</th><th>Calls</th><th>Quantity</th><th>Unit price</th><th>Amount</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody><tfoot><tr><td>Total</td><td></td><td></td><td></td><td>${escape(currency)} ${total}</td></tr></tfoot></table>
<p class="notes">${notesForCustomer(invoice).map(escape).join('<br>')}</p>
</body></html>
`;
}

function titleOf({ customer, name }: Invoice): string {
  return name === undefined ? customer : `${name} (${customer})`;
}

function periodOf({ period: { start, end }, timeZone }: Invoice): string {
  return `${showTime(start, timeZone)} until ${showTime(end, timeZone)} (${timeZone})`;
}

function priceOf({ meter, unitPrice, per }: Invoice['lines'][number]): string {
  if (meter === 'cost' || meter === 'minimum') return '';
  return per === '1' ? unitPrice : `${unitPrice} / ${per}`;
}

function notesForCustomer({ residue, exact }: Invoice): string[] {
  return residue === '0'
    ? []
    : [`Each line is rounded once: ${exact} before rounding, ${residue} by rounding.`];
}

/** What the reader must know; the cost and the margin are none of the customer's business. */
function notesOf(invoice: Invoice): string[] {
  const { cost, margin, currency, uncharged, estimated, calls } = invoice;
  return [
    ...notesForCustomer(invoice),
    ...(cost === undefined
      ? []
      : [`cost: ${cost}${margin === undefined ? '' : `, margin: ${currency} ${roundDecimal(margin, 6)}`}`]),
    ...uncharged.map((each) => `not charged: ${each.calls} of ${calls} calls, ${each.reason}.`),
    ...(estimated === 0 ? [] : [`estimated: ${estimated} charged calls whose provider sent no usage.`]),
  ];
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
