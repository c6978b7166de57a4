import type { Answer } from './answers/answer.ts';
import { budget, budgets } from './answers/budgets.ts';
import { cache } from './answers/cache.ts';
import { customer } from './answers/customer.ts';
import { customers } from './answers/customers.ts';
import { delivery } from './answers/delivery.ts';
import { event } from './answers/event.ts';
import { events } from './answers/events.ts';
import { margin } from './answers/margin.ts';
import { meta } from './answers/meta.ts';
import { model } from './answers/model.ts';
import { report } from './answers/report.ts';
import { spend } from './answers/spend.ts';
import { sum } from './answers/sum.ts';
import { summary } from './answers/summary.ts';

/** Every address below `api/`. A new one is one file and one line here. */
export const ROUTES: Readonly<Record<string, Answer>> = {
  meta,
  summary,
  spend,
  report,
  customers,
  customer,
  margin,
  model,
  cache,
  budgets,
  budget,
  delivery,
  events,
  sum,
  event,
};
