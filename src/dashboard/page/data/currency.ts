import type { Route } from '../route.ts';

/** The currency that is shown: the one in the address where there is any in it, else the first. They are never added up. */
export function currencyOf(route: Route, sums: readonly { readonly currency: string }[]): string {
  const asked = route.query.get('currency');
  const known = sums.map(({ currency }) => currency);
  return asked !== null && known.includes(asked) ? asked : (known[0] ?? 'USD');
}
