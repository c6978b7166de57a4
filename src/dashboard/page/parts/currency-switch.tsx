import type { VNode } from 'preact';
import { currencyOf } from '../data/currency.ts';
import { linkWith, type Route } from '../route.ts';
import { Switch } from './switch.tsx';

/** Which currency is shown, where there are several. */
export function CurrencySwitch({
  route,
  sums,
}: {
  readonly route: Route;
  readonly sums: readonly { readonly currency: string }[];
}): VNode | null {
  const chosen = currencyOf(route, sums);
  if (sums.length < 2) return null;
  return (
    <Switch
      label="Currency"
      choices={sums.map(({ currency }) => ({
        name: currency,
        href: linkWith(route, { currency }),
        chosen: currency === chosen,
      }))}
    />
  );
}
