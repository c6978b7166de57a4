import { cacheSavings } from '../../reports/insights/cache-savings.ts';
import { cacheSheet } from '../../reports/insights/sheets.ts';
import { sheetToCsv } from '../../reports/sheet.ts';
import type { Caching } from '../api.ts';
import { linkOf } from '../link.ts';
import { eventsInParts, IN_PARTS } from '../in-parts.ts';
import { periodToJson } from '../question.ts';
import { whileAsked } from '../while-asked.ts';
import type { Answer } from './answer.ts';

/** What caching saved per model, at list prices, from the events themselves. */
export const cache: Answer = {
  takes: IN_PARTS,
  async json(question): Promise<Caching> {
    const { inPeriod } = question;
    const { ledger, rest } = eventsInParts(question);
    const found = await cacheSavings(ledger, inPeriod);
    return {
      period: periodToJson(inPeriod),
      rest: rest(),
      rows: found.map((row) => ({
        provider: row.provider,
        model: row.model,
        currency: row.currency,
        tokens_read: row.read,
        tokens_written: row.written,
        saved_by_reading: row.savedByReading,
        paid_for_writing: row.paidForWriting,
        saved: row.saved,
        unknown: row.unknown,
        filter: linkOf({ ...inPeriod, provider: row.provider, is: { ...inPeriod.is, model: row.model } }),
      })),
    };
  },
  csv: async ({ ledger, inPeriod, signal }) =>
    sheetToCsv(cacheSheet(await cacheSavings(whileAsked(ledger, signal), inPeriod))),
};
