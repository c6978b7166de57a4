import { emptyRow } from '../../ledger/cost-row.ts';
import type { ListedCustomer } from '../../ledger/customers.ts';
import { toCsv } from '../../reports/csv.ts';
import { known } from '../../base/read.ts';
import type { CustomerRow, Customers } from '../api.ts';
import { countOf, periodToJson, type Question } from '../question.ts';
import { groupsOf } from './groups.ts';
import type { Answer } from './answer.ts';
import { sumsOf } from './sums.ts';

/** Who is registered or was seen, with the spend of the period. */
export const customers: Answer = {
  takes: ['search', 'limit'],
  async json(question): Promise<Customers> {
    const rows = await rowsOf(question);
    return {
      time_zone: question.timeZone,
      period: periodToJson(question.inPeriod),
      rows: rows.slice(0, countOf('limit', question.own.limit, 500, 10_000)),
      count: rows.length,
    };
  },
  async csv(question) {
    const rows = await rowsOf(question);
    return toCsv(
      rows.map((row) => [
        row.customer,
        row.name,
        row.plan,
        String(row.registered),
        row.merged_into,
        row.calls,
        row.currency,
        row.amount,
        row.share,
        row.unpriced,
        row.estimated,
        row.estimated_amount,
        row.errors,
      ]),
      [
        'customer',
        'name',
        'plan',
        'registered',
        'merged_into',
        'calls',
        'currency',
        'amount',
        'share',
        'unpriced',
        'estimated',
        'estimated_amount',
        'errors',
      ],
    );
  },
};

async function rowsOf(question: Question): Promise<readonly CustomerRow[]> {
  const { ledger, inPeriod, own } = question;
  const [groups, listed = []] = await Promise.all([
    groupsOf(question, 'customer', inPeriod),
    ledger.customers?.list(known({ search: own.search })),
  ]);
  const known_ = new Map(listed.map((each) => [each.key, each]));
  const spending = groups.flatMap((group) => {
    const { value, unattributed: _, ...sums } = group;
    if (value === null || (own.search !== undefined && !known_.has(value))) return [];
    return [{ ...sums, ...described(value, known_.get(value)) }];
  });
  const seen = new Set(groups.map(({ value }) => value));
  const currency = groups[0]?.currency ?? 'USD';
  const toSums = sumsOf([]);
  const others = listed
    .filter(({ key, registered, mergedInto }) => !seen.has(key) && (registered || mergedInto !== undefined))
    .map((customer) => ({
      ...toSums(emptyRow(currency), { ...inPeriod, customer: customer.key }),
      share: null,
      ...described(customer.key, customer),
    }));
  return [...spending, ...others];
}

function described(
  key: string,
  customer: ListedCustomer | undefined,
): Pick<CustomerRow, 'customer' | 'name' | 'plan' | 'registered' | 'merged_into'> {
  return {
    customer: key,
    name: customer?.name ?? null,
    plan: customer?.plan ?? null,
    registered: customer?.registered ?? false,
    merged_into: customer?.mergedInto ?? null,
  };
}
