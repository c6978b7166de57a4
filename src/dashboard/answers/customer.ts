import type { CustomerAnswer } from '../api.ts';
import { periodToJson, requiredOf } from '../question.ts';
import type { Answer } from './answer.ts';
import { budgetAnswers } from './budgets.ts';
import { groupsOf } from './groups.ts';
import { spendOf } from './spend.ts';
import { byCurrency, sumsOf } from './sums.ts';

/** One customer: what for, with which models, and how its budgets stand. */
export const customer: Answer = {
  takes: ['unit', 'top'],
  async json(question): Promise<CustomerAnswer> {
    const { ledger, inPeriod: filter, timeZone } = question;
    const key = requiredOf(filter.customer ?? undefined, 'customer', 'acme_corp');
    const [registered, total, models, features, operations, spend, budgets] = await Promise.all([
      ledger.customers?.get(key),
      ledger.query(filter),
      groupsOf(question, 'model', filter),
      groupsOf(question, 'context.feature', filter),
      groupsOf(question, 'operation', filter),
      spendOf(question, 'model'),
      budgetAnswers(question, { customer: key }),
    ]);
    const toSums = sumsOf(total);
    return {
      time_zone: timeZone,
      period: periodToJson(filter),
      customer: {
        key,
        name: registered?.name ?? null,
        plan: registered?.plan ?? null,
        rate_card: registered?.rateCard ?? null,
        registered: registered !== undefined,
      },
      totals: [...byCurrency(total).values()].map((row) => toSums(row, filter)),
      models,
      features,
      operations,
      spend,
      budgets,
    };
  },
};
