/** What TypeScript accepts as customer and context, tested by compiling; and what becomes of it. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  attributeTo,
  type ContextInput,
  CostSpanProcessor,
  currentAttribution,
  recordUsage,
  runWithAttribution,
  updateCostContext,
  withCostContext,
  withCustomer,
} from '../../src/index.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

interface Feature {
  readonly feature: string;
  readonly attempt?: number | undefined;
  readonly user: { readonly id: bigint; readonly since: Date };
}
const feature: Feature = { feature: 'chat', user: { id: 7n, since: new Date(0) } };
const context = (): unknown => currentAttribution().context;
const kept = { feature: 'chat', user: { id: '7', since: '1970-01-01T00:00:00.000Z' } };

describe('TypeScript accepts', () => {
  test('an interface as context, wherever context is taken', () => {
    expect(withCustomer('acme', feature, context)).toEqual(kept);
    expect(withCostContext(feature, context)).toEqual(kept);
    withCostContext({}, () => updateCostContext(feature));
    const read = (): { context: Feature } => ({ context: feature });
    expectTypeOf(attributeTo(read)).toBeFunction();
    expect(() => recordUsage({ service: 's', quantities: { n: 1 }, context: feature })).not.toThrow();
    expect(runWithAttribution({ customer: 'acme', context: feature }, context)).toEqual(kept);
    expect(() => new CostSpanProcessor({ context: feature, metrics: false })).not.toThrow();
  });

  test('no context at all, and entries that may be undefined', () => {
    const none: Feature | undefined = undefined as Feature | undefined;
    expect(withCustomer('acme', none, context)).toEqual({});
    expect(withCostContext(none, context)).toEqual({});
    expect(withCostContext({ a: undefined as string | undefined }, context)).toEqual({});
  });

  test('ids of a database as customers', () => {
    expectTypeOf(withCustomer<number>)
      .parameter(0)
      .toEqualTypeOf<string | number | bigint | null | undefined>();
    expect(withCustomer(42, () => currentAttribution().customer)).toBe('42');
    expect(withCustomer(42n, () => currentAttribution().customer)).toBe('42');
  });

  test('and refuses what is no context and no customer', () => {
    expectTypeOf<string>().not.toExtend<ContextInput>();
    expectTypeOf<number>().not.toExtend<ContextInput>();
    // @ts-expect-error -- a flag is no customer
    withCustomer(true, () => undefined);
    // @ts-expect-error -- a text is no context
    withCustomer('acme', 'chat', () => undefined);
    forgetWarnings();
  });
});

class User {
  readonly id = 7;
  get name(): string {
    return 'ann';
  }
}

describe('context values', () => {
  test.each<[string, unknown]>([
    ['a Map', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['a WeakMap', new WeakMap()],
    ['a RegExp', /x/],
    ['an Error, also with fields', Object.assign(new Error('boom'), { code: 'E' })],
    ['a Promise', Promise.resolve(1)],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['bytes', Buffer.from('secret')],
    ['an iterator', [1].values()],
    ['an object whose toJSON gives nothing', { toJSON: () => undefined }],
  ])('%s has no JSON form and is left out', (_, value) => {
    expect(withCostContext({ feature: 'chat', value }, context)).toEqual({ feature: 'chat' });
    expect(withCostContext({ list: [value, 1] }, context)).toEqual({ list: [null, 1] });
  });

  test.each<[string, unknown, unknown]>([
    ['an object of a class', new User(), { id: 7 }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { id: 7 }), { id: 7 }],
    ['a URL, which has a JSON form', new URL('https://x.test/a'), 'https://x.test/a'],
    ['a boxed text', Object('text'), 'text'],
    ['a boxed number', Object(7), 7],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['null', null, null],
  ])('%s is kept', (_, value, expected) => {
    expect(withCostContext({ value }, context)).toEqual({ value: expected });
  });

  test('a circle ends where it closes, and what is deeper than any context means nothing', () => {
    const circle: Record<string, unknown> = { name: 'a' };
    circle.self = circle;
    circle.list = [circle];
    expect(withCostContext({ circle }, context)).toEqual({ circle: { name: 'a', list: [null] } });
    // The same object twice is no circle.
    const shared = { id: 1 };
    expect(withCostContext({ a: shared, b: [shared] }, context)).toEqual({ a: shared, b: [shared] });
    const nested = (depth: number): unknown => (depth === 0 ? 'end' : { in: nested(depth - 1) });
    // The context itself is one of the sixteen.
    expect(JSON.stringify(withCostContext({ value: nested(15) }, context))).toContain('end');
    expect(JSON.stringify(withCostContext({ value: nested(16) }, context))).not.toContain('end');
  });

  test('a key that would set a prototype, and a getter that throws, are left out; the rest stays', () => {
    const hostile = JSON.parse('{"__proto__":{"admin":true},"feature":"chat"}') as Feature;
    expect(withCostContext(hostile, context)).toEqual({ feature: 'chat' });
    const failing = {
      feature: 'chat',
      get user(): never {
        throw new Error('no session');
      },
    };
    expect(withCostContext({ user: 'outer' }, () => withCostContext(failing, context))).toEqual({
      user: 'outer',
      feature: 'chat',
    });
    const broken = {
      feature: 'chat',
      value: {
        toJSON: (): never => {
          throw new Error('no');
        },
      },
    };
    expect(withCostContext(broken as never, context)).toEqual({ feature: 'chat' });
  });

  test.each<[string, unknown, unknown]>([
    ['-0, which JSON does not have', -0, 0],
    ['a number without end', Number.POSITIVE_INFINITY, 'Infinity'],
    ['no number', Number.NaN, 'NaN'],
    ['a date that is none', new Date(Number.NaN), null],
    ['a toJSON that is no function', { toJSON: 1 }, { toJSON: 1 }],
    ['a boxed flag', Object(false), false],
  ])('%s is kept in a form that JSON has', (_, value, expected) => {
    expect(withCostContext({ value }, context)).toStrictEqual({ value: expected });
  });

  test('undefined removes an entry for the length of a scope, and null does not', () => {
    withCostContext({ project: 'bot', team: 'a' }, () => {
      expect(withCostContext({ project: undefined }, context)).toEqual({ team: 'a' });
      expect(withCustomer('acme', { project: undefined, team: null }, context)).toEqual({ team: null });
      expect(context()).toEqual({ project: 'bot', team: 'a' });
      updateCostContext({ team: undefined });
      expect(context()).toEqual({ project: 'bot' });
    });
  });
});

describe('an attribution written by hand', () => {
  test('is completed: its calls are tracked', () => {
    expect(runWithAttribution({ customer: 'acme' }, currentAttribution)).toEqual({
      customer: 'acme',
      source: 'scope',
      context: {},
      tracked: true,
      persist: true,
    });
    expect(
      runWithAttribution({ customer: 42, context: {}, tracked: false }, currentAttribution),
    ).toMatchObject({
      customer: '42',
      tracked: false,
    });
  });

  test.each([[{}], [null], ['acme'], [{ 'costspan.attribution': '{}' }]])(
    'is refused when it is none (%j): the outer one stays',
    (given) => {
      forgetWarnings();
      expect(
        withCustomer('outer', () => runWithAttribution(given as never, () => currentAttribution().customer)),
      ).toBe('outer');
    },
  );
});
