import { sumDecimals } from '../../base/decimal.ts';
import type { CostRow } from '../../ledger/ledger.ts';
import type { Found } from '../api.ts';
import { IN_PARTS, inParts, isReadFromEvents } from '../in-parts.ts';
import { periodToJson } from '../question.ts';
import type { Answer } from './answer.ts';

/** What the events of a filter add up to, of all time unless a period is given. */
export const sum: Answer = {
  takes: IN_PARTS,
  async json(question): Promise<Found> {
    const { ledger, filter, timeZone } = question;
    const rows: CostRow[] = [];
    const isQuick = !isReadFromEvents(filter);
    const rest = await inParts(question, filter, { isQuick }, async (part) => {
      rows.push(...(await ledger.query({ ...filter, ...part, groupBy: ['currency'] })));
    });
    // What has no price has no currency, whatever the others in its part have.
    const amounts = Map.groupBy(
      rows.filter(({ group }) => group.currency !== null),
      ({ currency }) => currency,
    );
    return {
      time_zone: timeZone,
      period: periodToJson(filter),
      calls: rows.reduce((calls, { events }) => calls + events, 0),
      unpriced: rows.reduce((calls, { unpriced }) => calls + unpriced, 0),
      amounts: [...amounts]
        .map(([currency, each]) => ({ currency, amount: sumDecimals(each.map(({ amount }) => amount)) }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
      rest,
    };
  },
};
