import type { FunctionComponent } from 'preact';
import type { Route } from '../route.ts';
import { BudgetScreen } from './budget.tsx';
import { BudgetsScreen } from './budgets.tsx';
import { CustomerScreen } from './customer.tsx';
import { CustomersScreen } from './customers.tsx';
import { DeliveryScreen } from './delivery.tsx';
import { EventsScreen } from './events.tsx';
import { ModelScreen } from './model.tsx';
import { ModelsScreen } from './models.tsx';
import { OverviewScreen } from './overview.tsx';

/** A screen by its name in the address. */
export const SCREENS: Readonly<
  Record<string, { readonly title: string; readonly Screen: FunctionComponent<{ readonly route: Route }> }>
> = {
  overview: { title: 'Overview', Screen: OverviewScreen },
  customers: { title: 'Customers', Screen: CustomersScreen },
  customer: { title: 'Customer', Screen: CustomerScreen },
  models: { title: 'Models', Screen: ModelsScreen },
  model: { title: 'Model', Screen: ModelScreen },
  budgets: { title: 'Budgets', Screen: BudgetsScreen },
  budget: { title: 'Budget', Screen: BudgetScreen },
  delivery: { title: 'Delivery', Screen: DeliveryScreen },
  events: { title: 'Events', Screen: EventsScreen },
};
