import { type Query, queryOf } from '../route.ts';
import { chosenZone } from './zone.ts';

/** An address of the API, relative to the page: `api/spend?by=customer`; in the time zone that was chosen. */
export function addressOf(what: string, ...queries: readonly (Query | URLSearchParams | string)[]): string {
  const text = queryOf({ tz: chosenZone() }, ...queries).toString();
  return `api/${what}${text === '' ? '' : `?${text}`}`;
}

/** The same table as a file. */
export function csvOf(address: string): string {
  return address.replace(/^(api\/[^?]+)/, '$1.csv');
}
