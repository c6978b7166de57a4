/** Where the reader is: a screen, what it is about, and its filters; all of it stands in the address. */
export interface Route {
  readonly screen: string;
  /** The customer or model that the screen is about. */
  readonly name?: string;
  readonly query: URLSearchParams;
}

/** `#/customer/acme?days=90`: behind the `#`, so that the page works below any path. */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [screen = '', name] = path.split('/', 2);
  return {
    screen: screen === '' ? 'overview' : screen,
    ...(name === undefined ? {} : { name: decode(name) }),
    query: new URLSearchParams(query),
  };
}

/** What an address says: empty and absent values are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

export function linkTo(screen: string, name?: string, query: Query | URLSearchParams = {}): string {
  const path = name === undefined ? screen : `${screen}/${encodeURIComponent(name)}`;
  const text = queryOf(query).toString();
  return `#/${screen === 'overview' ? '' : path}${text === '' ? '' : `?${text}`}`;
}

/** The same screen with some of its filters changed; an absent value takes a filter away. */
export function linkWith(route: Route, changes: Query): string {
  return linkTo(route.screen, route.name, queryOf(route.query, changes));
}

/** The same screen without one of its filters. */
export function linkWithout(route: Route, name: string, value: string): string {
  const query = new URLSearchParams(route.query);
  query.delete(name, value);
  query.delete('cursor');
  return linkTo(route.screen, route.name, query);
}

/** Several queries as one: what a later one says of a name goes before what an earlier one said. */
export function queryOf(...queries: readonly (Query | URLSearchParams | string)[]): URLSearchParams {
  const all = new URLSearchParams();
  for (const query of queries) {
    const entries =
      typeof query === 'string' || query instanceof URLSearchParams
        ? [...new URLSearchParams(query)]
        : Object.entries(query);
    for (const [name] of entries) all.delete(name);
    for (const [name, value] of entries) if (value) all.append(name, value);
  }
  return all;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
