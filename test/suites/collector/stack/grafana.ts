import { readFileSync } from 'node:fs';
import { root } from '../collector.ts';

/** What of a dashboard's JSON is read here. */
export interface Dashboard {
  readonly title: string;
  readonly uid: string;
  readonly templating: { readonly list: readonly Variable[] };
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
  readonly datasource?: { readonly uid: string };
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly Target[];
}

export interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly rawSql?: string;
  readonly query?: string;
}

export function readDashboard(name: string): Dashboard {
  return JSON.parse(readFileSync(`${root}examples/grafana/${name}.json`, 'utf8')) as Dashboard;
}

/** Every query of a dashboard with the panel it is in, variables of the board among them. */
export function queriesOf({
  panels,
  templating,
}: Dashboard): readonly (readonly [where: string, query: string])[] {
  return [
    ...templating.list.flatMap(({ name, type, query }) =>
      type === 'query' ? [[`$${name}`, typeof query === 'string' ? query : query.query] as const] : [],
    ),
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(
        ({ refId, expr, rawSql, query }) => [`${title} ${refId}`, expr ?? rawSql ?? query ?? ''] as const,
      ),
    ),
  ];
}

/** Variables as Grafana writes them into a query: `$name`, or `${name:sqlstring}` as a list of quoted texts. */
function fillIn(query: string, values: Readonly<Record<string, readonly string[]>>): string {
  const quoted = (texts: readonly string[]): string =>
    texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(',');
  return query
    .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => quoted(values[name] ?? []))
    .replaceAll(/\$(?!__)(\w+)/g, (whole, name: string) => values[name]?.join('|') ?? whole);
}

/** The last hour, in steps of ten seconds, as Grafana's macros for each data source say it. */
export function forPrometheus(query: string, values: Readonly<Record<string, readonly string[]>>): string {
  return fillIn(query, values).replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h');
}

export function forPostgres(query: string, values: Readonly<Record<string, readonly string[]>>): string {
  const [from, to] = lastHours().map((time) => `'${time.toISOString()}'`);
  return fillIn(query, values)
    .replaceAll(/\$__timeFilter\((\w+)\)/g, `$1 BETWEEN ${from} AND ${to}`)
    .replaceAll(
      /\$__timeGroupAlias\((\w+), \$__interval\)/g,
      'floor(extract(epoch from $1)/(10))*(10) AS "time"',
    );
}

export function forClickHouse(query: string, values: Readonly<Record<string, readonly string[]>>): string {
  const [from = 0, to = 0] = lastHours().map((time) => Math.floor(time.getTime() / 1000));
  return fillIn(query, values)
    .replaceAll(/\$__timeFilter\((\w+)\)/g, `$1 >= toDateTime(${from}) AND $1 <= toDateTime(${to})`)
    .replaceAll(/\$__timeInterval\((\w+)\)/g, 'toStartOfInterval(toDateTime($1), INTERVAL 10 second)')
    .replaceAll(/\$__dateFilter\((\w+)\)/g, `$1 >= toDate(${from}) AND $1 <= toDate(${to})`);
}

/** From two hours ago, as sums per hour begin before the events in them. */
function lastHours(): readonly [Date, Date] {
  return [new Date(Date.now() - 7_200_000), new Date(Date.now() + 60_000)];
}
