import type { EventFilter } from '../../ledger/ledger.ts';
import { type Margin, margins } from '../../reports/insights/margins.ts';
import { marginSheet } from '../../reports/insights/sheets.ts';
import { sheetToCsv } from '../../reports/sheet.ts';
import type { Margins } from '../api.ts';
import { linkOf } from '../link.ts';
import { eventsInParts, IN_PARTS } from '../in-parts.ts';
import { periodToJson } from '../question.ts';
import { whileAsked } from '../while-asked.ts';
import type { Answer } from './answer.ts';

/** Charge and margin beside cost, from the events themselves. */
export const margin: Answer = {
  takes: IN_PARTS,
  async json(question): Promise<Margins> {
    const { inPeriod } = question;
    const { ledger, rest } = eventsInParts(question);
    const found = await margins(ledger, inPeriod);
    return {
      period: periodToJson(inPeriod),
      rest: rest(),
      rows: found.map((row) => ({
        customer: row.customer,
        unattributed: row.unattributed,
        currency: row.currency,
        calls: row.events,
        cost: row.cost,
        charge: row.charge,
        margin: row.margin,
        rate: row.rate ?? null,
        uncharged: row.uncharged,
        unpriced: row.unpriced,
        filter: linkOf({ ...inPeriod, ...ofCustomer(row) }),
      })),
    };
  },
  csv: async ({ ledger, inPeriod, signal }) =>
    sheetToCsv(marginSheet(await margins(whileAsked(ledger, signal), inPeriod))),
};

function ofCustomer({ customer, unattributed }: Margin): EventFilter {
  return customer === null ? { customer: null, unattributed } : { customer };
}
