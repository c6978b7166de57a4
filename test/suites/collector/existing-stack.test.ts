import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noClickHouse, whyNoClickHouse } from './clickhouse.ts';
import { noCollector, root, whyNot } from './collector.ts';
import { until } from './cost-logs.ts';
import { forClickHouse, forPostgres, forPrometheus, queriesOf, readDashboard } from './stack/grafana.ts';
import { noPrometheus, promtool, whyNoPrometheus } from './stack/prometheus.ts';
import { Stack } from './stack/stack.ts';

const rules = `${root}examples/prometheus/rules`;
/** Each is a round of the application's traffic: eight calls, one of them without a price, without a customer, estimated. */
const ROUNDS = 2;
const CUSTOMERS = ['acme_corp', 'globex', "o'neill & sons"];

let stack: Stack;
let database: pg.Client;
/** What each customer cost, as the ledger says. */
let expected: ReadonlyMap<string, string>;

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const { groups } = load(readFileSync(`${rules}.yml`, 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const allRules = groups.flatMap((group) => group.rules);

const skipped = noCollector || noClickHouse || noPrometheus;

describe.skipIf(skipped)(`an existing stack${whyNot}${whyNoClickHouse}${whyNoPrometheus}`, () => {
  beforeAll(async () => {
    stack = await Stack.start();
    database = new pg.Client(stack.postgres.url);
    await database.connect();
    for (let round = 1; round <= ROUNDS; round++) {
      await stack.round();
      // Counters have to be seen growing.
      await until('Prometheus to see the round', async () => (await events()) === round * 8, events);
    }
    await until('ClickHouse to have every event', async () => (await stored()) === ROUNDS * 8, stored);
    await until('ClickHouse to have every span', async () => (await spans()) === ROUNDS * 8, spans);
    const { rows } = await database.query<{ customer: string; amount: string }>(
      'SELECT customer, sum(amount)::text AS amount FROM costspan.cost_event WHERE customer IS NOT NULL GROUP BY customer',
    );
    expected = new Map(rows.map(({ customer, amount }) => [customer, plain(amount)]));
    // Six programs start, and then wait for each other.
  }, 400_000);
  afterAll(async () => {
    await database?.end();
    await stack?.stop();
  });

  describe('the cost per customer', () => {
    test('is in the PostgreSQL ledger, exactly', () => {
      expect([...expected.keys()].toSorted()).toEqual(CUSTOMERS);
      // 2 rounds × 1 chat of 86 × $2.5/M + 1920 cached × $1.25/M + 300 × $10/M = $0.005615
      expect(expected.get("o'neill & sons")).toBe('0.01123');
    });

    test('is in ClickHouse, exactly', async () => {
      const rows = await stack.clickHouse.query(
        `SELECT customer, sum(cost) AS amount FROM costspan.customer_costs WHERE customer != '' GROUP BY customer`,
      );
      expect(new Map(rows.map(({ customer, amount }) => [customer, amount]))).toEqual(expected);
    });

    test('is in the traces, exactly, as none was sampled out', async () => {
      const rows = await stack.clickHouse.query(
        `SELECT SpanAttributes['costspan.customer'] AS customer, sum(toDecimal128OrZero(SpanAttributes['costspan.cost.amount'], 18)) AS amount
         FROM costspan.otel_traces WHERE customer != '' GROUP BY customer`,
      );
      expect(new Map(rows.map(({ customer, amount }) => [customer, amount]))).toEqual(expected);
    });

    test('is in Prometheus, as floats are', async () => {
      const samples = await stack.prometheus.query('sum by (costspan_customer) (costspan_cost_total)');
      for (const customer of CUSTOMERS) {
        const sample = samples.find(({ labels }) => labels['costspan_customer'] === customer);
        expect(sample?.value).toBeCloseTo(Number(expected.get(customer)), 12);
      }
    });
  });

  describe('examples/grafana', () => {
    test('holds the dashboards that are tested here', () => {
      expect(readdirSync(`${root}examples/grafana`).toSorted()).toEqual([
        'clickhouse.json',
        'postgres.json',
        'prometheus.json',
        'traces.json',
      ]);
    });

    test.each(['prometheus', 'postgres', 'clickhouse', 'traces'])('%s.json can be imported', (name) => {
      const { panels, templating, uid } = readDashboard(name);
      expect(uid).toBe(`costspan-${name}`);
      expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
        Array.from({ length: h * w }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
      );
      expect(new Set(cells).size, 'no panel lies on another').toBe(cells.length);
      expect(panels.some(({ type }) => type !== 'row')).toBe(true);
      for (const { datasource, gridPos, targets, type } of panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        if (type === 'row') continue;
        expect(datasource?.uid).toBe('${datasource}');
        expect(targets?.length).toBeGreaterThan(0);
      }
    });

    test.each(queriesOf(readDashboard('prometheus')))('Prometheus: %s has rows', async (_, query) => {
      const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      const values =
        selector !== undefined && label !== undefined
          ? await stack.prometheus.labelValues(selector, label)
          : (await stack.prometheus.query(forPrometheus(query, { currency: ['USD'] }))).map(
              ({ value }) => value,
            );
      expect(values.filter((value) => !Number.isNaN(value))).not.toEqual([]);
    });

    test.each(queriesOf(readDashboard('postgres')))('PostgreSQL: %s has rows', async (_, query) => {
      const values = { currency: ['USD'], customer: [...CUSTOMERS, '(none)'] };
      const { rows } = await database.query<Record<string, unknown>>(forPostgres(query, values));
      expect(rows.flatMap(Object.values).filter((value) => value !== null)).not.toEqual([]);
    });

    test.each(queriesOf(readDashboard('clickhouse')))('ClickHouse: %s has rows', async (_, query) => {
      const values = { currency: ['USD'], customer: [...CUSTOMERS, ''] };
      const rows = await stack.clickHouse.query(forClickHouse(query, values));
      expect(rows.flatMap(Object.values).filter((value) => value !== null)).not.toEqual([]);
    });

    test('the three say the same spend', async () => {
      const total = `SELECT sum(amount)::text AS spend FROM costspan.cost_event`;
      const spend = plain(String((await database.query<{ spend: string }>(total)).rows[0]?.spend));
      const [inPostgres, inClickHouse] = ['postgres', 'clickhouse'].map(
        (name) => queriesOf(readDashboard(name)).find(([where]) => where === 'Spend A')?.[1] ?? '',
      );
      const customer = [...CUSTOMERS, '', '(none)'];
      const { rows } = await database.query<{ spend: string }>(
        forPostgres(inPostgres ?? '', { currency: ['USD'], customer }),
      );
      expect(plain(String(rows[0]?.spend))).toBe(spend);
      expect(
        await stack.clickHouse.query(forClickHouse(inClickHouse ?? '', { currency: ['USD'], customer })),
      ).toEqual([{ spend }]);
    });

    // TraceQL runs in Tempo alone. What it names has to be on the spans, and what it compares a number.
    test('TraceQL: names attributes that spans have', async () => {
      const queries = queriesOf(readDashboard('traces')).map(([, query]) => query);
      const named = new Set(
        queries.flatMap((query) => query.match(/(?<=span\.)[a-z_]+(?:\.[a-z_]+)+/g) ?? []),
      );
      const rows = await stack.clickHouse.query(
        'SELECT DISTINCT arrayJoin(mapKeys(SpanAttributes)) AS name FROM costspan.otel_traces',
      );
      expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining([...named]));
      expect(named.size).toBeGreaterThan(5);
    });
  });

  describe('examples/prometheus', () => {
    test('its rules are rules', () => {
      expect(promtool('check', 'rules', `${rules}.yml`)).toContain('SUCCESS');
    });

    test('its alerts fire when they should and only then', () => {
      expect(promtool('test', 'rules', `${rules}.test.yml`)).toContain('SUCCESS');
      const tested = readFileSync(`${rules}.test.yml`, 'utf8');
      for (const { alert } of allRules) if (alert !== undefined) expect(tested).toContain(alert);
    });

    test.each(allRules.flatMap(({ record }) => record ?? []))('%s is recorded', async (name) => {
      const values = () => stack.prometheus.query(name);
      await until(`${name} to have a value`, async () => (await values()).length > 0);
      for (const { value } of await values()) expect(value).toBeGreaterThanOrEqual(0);
    });

    test.each(allRules.flatMap(({ alert, expr }) => (alert === undefined ? [] : [[alert, expr] as const])))(
      '%s asks for what is there',
      async (_, expr) => {
        const metrics = new Set(expr.match(/\b(?:costspan|otelcol)[a-z0-9_:]*[a-z0-9](?=[\s[){]|$)/g));
        const labels = new Set(
          [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', ')),
        );
        for (const metric of metrics) {
          if (labels.has(metric)) continue;
          expect((await stack.prometheus.query(metric)).length, metric).toBeGreaterThan(0);
        }
        await stack.prometheus.query(expr);
      },
    );

    test.each([
      ['CostspanBudgetUsedUp', { costspan_budget_id: 'per-customer', costspan_customer: 'acme_corp' }],
      ['CostspanUnpricedModel', { gen_ai_request_model: 'text-embedding-of-tomorrow' }],
    ])('%s fires here', async (alertname, labels) => {
      const firing = `ALERTS{alertname="${alertname}", alertstate="firing"}`;
      await until(`${alertname} to fire`, async () => (await stack.prometheus.query(firing)).length > 0);
      expect((await stack.prometheus.query(firing)).map((sample) => sample.labels)).toContainEqual(
        expect.objectContaining(labels),
      );
    });
  });
});

async function events(): Promise<number> {
  const [sample] = await stack.prometheus.query('sum(costspan_events_total)');
  return sample?.value ?? 0;
}

async function stored(): Promise<number> {
  const [row] = await stack.clickHouse.query(
    'SELECT uniqExact(event_id) AS events FROM costspan.cost_events',
  );
  return Number(row?.['events']);
}

async function spans(): Promise<number> {
  const [row] = await stack.clickHouse.query(
    `SELECT uniqExact(SpanAttributes['costspan.event.id']) AS spans FROM costspan.otel_traces WHERE SpanAttributes['costspan.event.id'] != ''`,
  );
  return Number(row?.['spans']);
}

/** Decimal text without zeros at its end. */
function plain(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}
