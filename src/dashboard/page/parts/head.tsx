import type { ComponentChildren, VNode } from 'preact';
import type { Route } from '../route.ts';
import { CurrencySwitch } from './currency-switch.tsx';
import { MonthSelect } from './month-select.tsx';

/** A screen's title, and the month and currency it is about. */
export function Head({
  title,
  route,
  month = true,
  currencies = [],
  children,
}: {
  readonly title: ComponentChildren;
  readonly route: Route;
  readonly month?: boolean;
  /** The sums that are shown, one per currency. */
  readonly currencies?: readonly { readonly currency: string }[];
  /** What is known of the subject, below its title. */
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div class="head">
      <div>
        <h1>{title}</h1>
        {children}
      </div>
      {month && (
        <div class="card-tools">
          <CurrencySwitch route={route} sums={currencies} />
          <MonthSelect route={route} />
        </div>
      )}
    </div>
  );
}
