import { describe, expect, test } from 'vitest';
import { ChargeOnce, type Decision } from '../../src/dialects/charge-once.ts';
import type { Suppression } from '../../src/dialects/verdict.ts';
import type { SeenCall } from '../../src/dialects/seen-call.ts';
import type { SpanRole } from '../../src/dialects/span.ts';

type Offered = SeenCall & { readonly key: string };

/** A span about a call; the key is its name. */
function span(key: string, fields: Partial<SeenCall> = {}): Offered {
  return {
    key,
    eventId: `event of ${key}`,
    traceId: 't1',
    scope: `scope of ${key}`,
    layer: 'wire',
    startMs: 100,
    endMs: 200,
    models: ['gpt-4o'],
    inputTokens: 10,
    outputTokens: 5,
    ...fields,
  };
}

function summary(decisions: readonly Decision<Offered>[]): Record<string, string> {
  return Object.fromEntries(
    decisions.map((each) =>
      'bill' in each
        ? [each.bill.key, 'billed']
        : [each.suppress.key, `${each.reason} → ${each.favour.replace('event of ', '')}`],
    ),
  );
}

/** Offers spans at once, in this order, and decides them all. */
function decide(...spans: readonly Offered[]): Record<string, string> {
  const once = new ChargeOnce<Offered>();
  for (const each of spans) once.offer(each, 0);
  return summary(once.decide(Number.POSITIVE_INFINITY));
}

/** Every order in which three spans can come. */
function orders<T>([a, b, c]: readonly [T, T, T]): T[][] {
  return [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ];
}

describe('two spans of one call are one event, from the one nearer to the wire', () => {
  const outer = span('outer', { layer: 'framework', startMs: 90, endMs: 210 });
  const cases: readonly (readonly [string, Offered, Offered, Suppression])[] = [
    [
      'the inner one is below the outer one',
      outer,
      span('inner', { parentKey: 'outer' }),
      'billedDescendant',
    ],
    [
      'they have a response id',
      span('outer', { ...outer, responseId: 'r1', traceId: 't2', parentKey: 'x', inputTokens: 7 }),
      span('inner', { responseId: 'r1', parentKey: 'y' }),
      'responseSeen',
    ],
    [
      'nothing links them, and time, model and size are the same',
      span('outer', { ...outer, traceId: 't2' }),
      span('inner'),
      'sameCall',
    ],
    [
      'a framework counts its output wrong',
      span('outer', { ...outer, traceId: 't2', outputTokens: 8 }),
      span('inner'),
      'sameCall',
    ],
    [
      'a framework does not know the usage',
      {
        ...span('outer', { ...outer, traceId: 't2' }),
        inputTokens: undefined,
        outputTokens: undefined,
      } as unknown as Offered,
      span('inner'),
      'sameCall',
    ],
    [
      'both stand at the wire, one around the other',
      span('outer', { startMs: 90, endMs: 210 }),
      span('inner', { parentKey: 'outer' }),
      'billedDescendant',
    ],
  ];

  test.each(cases)('when %s', (_, first, second, reason) => {
    const expected = { inner: 'billed', outer: `${reason} → inner` };
    expect(decide(first, second)).toEqual(expected);
    expect(decide(second, first)).toEqual(expected);
  });
});

describe('two calls are two events', () => {
  const cases: readonly (readonly [string, Offered, Offered])[] = [
    ['one after the other', span('a'), span('b', { startMs: 300, endMs: 400 })],
    ['at one time by one instrumentation', span('a', { scope: 's' }), span('b', { scope: 's' })],
    ['at one time, of another model', span('a'), span('b', { models: ['gpt-4o-mini'] })],
    [
      'at one time, with other response ids',
      span('a', { responseId: 'r1' }),
      span('b', { responseId: 'r2' }),
    ],
    ['at one time, of another size', span('a'), span('b', { inputTokens: 11 })],
    [
      'at one time in other traces with a history',
      span('a', { parentKey: 'x' }),
      span('b', { traceId: 't2', parentKey: 'y' }),
    ],
    ['of other processes', span('a', { process: 'p1' }), span('b', { process: 'p2' })],
  ];
  test.each(cases)('%s', (_, first, second) => {
    expect(decide(first, second)).toEqual({ a: 'billed', b: 'billed' });
  });

  test.each(['agent', 'tool'] as const)(
    'a call that an %s inside a call makes',
    (role: SpanRole & ('agent' | 'tool')) => {
      const once = new ChargeOnce<Offered>();
      once.offer(span('inner', { parentKey: 'between', startMs: 120, endMs: 130, inputTokens: 3 }), 0);
      once.ended('between', 'outer', role);
      once.offer(span('outer'), 0);
      expect(summary(once.decide(Number.POSITIVE_INFINITY))).toEqual({ inner: 'billed', outer: 'billed' });
    },
  );
});

test('a span that does not know the usage gives way to one that does, also one farther from the wire', () => {
  const { inputTokens: _, outputTokens: __, ...rest } = span('inner', { layer: 'blind' });
  const blind: Offered = { ...rest, parentKey: 'outer' };
  const outer = span('outer', { layer: 'framework', startMs: 90, endMs: 210 });
  const expected = { outer: 'billed', inner: 'billedAncestor → outer' };
  expect(decide(blind, outer)).toEqual(expected);
  expect(decide(outer, blind)).toEqual(expected);
  const once = new ChargeOnce<Offered>({ windowMs: 1000 });
  once.offer(blind, 0);
  once.offer(outer, 5);
  expect(once.decide(1000)).toEqual([]);
  expect(summary(once.decide(1005))).toEqual({ outer: 'billed', inner: 'billedAncestor → outer' });
});

test('three layers of one call are one event, in whatever order they come', () => {
  const framework = span('framework', { layer: 'framework', startMs: 80, endMs: 220, traceId: 't2' });
  const around = span('around', { startMs: 90, endMs: 210 });
  const inner = span('inner', { parentKey: 'around' });
  for (const order of orders([framework, around, inner])) {
    expect(decide(...order)).toEqual({
      inner: 'billed',
      around: 'billedDescendant → inner',
      framework: 'sameCall → inner',
    });
  }
});

test('a call of our own goes before everything', () => {
  const once = new ChargeOnce<Offered>();
  once.settled(span('own', { parentKey: 'around', scope: 'costspan', responseId: 'r1' }));
  once.ended('own', 'around', 'call');
  once.offer(span('around'), 0);
  once.offer(
    span('elsewhere', { responseId: 'r1', traceId: 't9', parentKey: 'z', inputTokens: 1, outputTokens: 1 }),
    0,
  );
  once.offer(span('alike', { layer: 'framework', traceId: 't8', startMs: 90, endMs: 210 }), 0);
  once.offer(span('fetch', { parentKey: 'own' }), 0);
  expect(summary(once.decide(Number.POSITIVE_INFINITY))).toEqual({
    around: 'ownCall → own',
    elsewhere: 'ownCall → own',
    alike: 'ownCall → own',
    fetch: 'ownCall → own',
  });
});

describe('a span that does not say its model', () => {
  const own = { ...span('own'), traceId: 't0' };
  const nameless = span('nameless', { layer: 'framework', models: [], startMs: 90, endMs: 210 });

  test('is the call that was as large, at the same time', () => {
    const once = new ChargeOnce<Offered>();
    once.settled(own);
    once.offer(nameless, 0);
    expect(summary(once.decide(0))).toEqual({ nameless: 'ownCall → own' });
  });

  test('is a call of its own where none was as large', () => {
    expect(decide(own, { ...nameless, inputTokens: 11, outputTokens: 6 })).toEqual({
      own: 'billed',
      nameless: 'billed',
    });
  });

  test('and was billed is found by one that does', () => {
    const once = new ChargeOnce<Offered>();
    once.offer(nameless, 0);
    expect(summary(once.decide(Number.POSITIVE_INFINITY))).toEqual({ nameless: 'billed' });
    once.offer(span('named', { traceId: 't2' }), 0);
    expect(summary(once.decide(0))).toEqual({ named: 'sameCall → nameless' });
  });
});

test('what is above and below a span that another one bills is the same call, also when the parents come last', () => {
  const blind = (key: string, parentKey: string): Offered => {
    const { inputTokens, outputTokens, ...rest } = span(key, { layer: 'blind', models: [], parentKey });
    void [inputTokens, outputTokens];
    return rest;
  };
  const spans = [
    blind('chunk', 'chat'),
    span('chat', { layer: 'framework', parentKey: 'generation' }),
    blind('generation', 'agent'),
  ];
  const once = new ChargeOnce<Offered>();
  once.settled({ ...span('own'), traceId: 't0' });
  const decided = spans.flatMap((each) => {
    once.offer(each, 0);
    return once.decide(0);
  });
  expect(summary([...decided, ...once.decide(Number.POSITIVE_INFINITY)])).toEqual({
    chunk: 'ownCall → own',
    chat: 'ownCall → own',
    generation: 'ownCall → own',
  });
});

test('interleaved calls of a framework and of the SDK below it are paired one to one', () => {
  const once = new ChargeOnce<Offered>();
  for (let n = 0; n < 24; n++) {
    const at = { startMs: 100 + n, endMs: 300 + n };
    once.offer(span(`sdk-${n}`, { ...at, scope: 'sdk', traceId: `s${n}` }), 0);
    once.offer(
      span(`lc-${n}`, {
        startMs: at.startMs - 1,
        endMs: at.endMs + 1,
        scope: 'lc',
        layer: 'framework',
        traceId: `l${n}`,
      }),
      0,
    );
  }
  // One more call of the framework, over an SDK that nobody watches.
  once.offer(span('alone', { startMs: 100, endMs: 300, scope: 'lc', layer: 'framework', traceId: 'x' }), 0);
  const decisions = Object.values(summary(once.decide(Number.POSITIVE_INFINITY)));
  expect(decisions.filter((each) => each === 'billed')).toHaveLength(25);
  expect(decisions.filter((each) => each.startsWith('sameCall'))).toHaveLength(24);
});

describe('waiting', () => {
  const framework = span('outer', { layer: 'framework', startMs: 90, endMs: 210 });

  test('a span at the wire is decided at once', () => {
    const once = new ChargeOnce<Offered>();
    once.offer(span('a'), 0);
    expect(summary(once.decide(0))).toEqual({ a: 'billed' });
  });

  test('a span of a framework waits for the window, and not longer', () => {
    const once = new ChargeOnce<Offered>({ windowMs: 1000 });
    once.offer(framework, 0);
    expect(once.decide(999)).toEqual([]);
    expect(once.nextDeadline).toBe(1000);
    expect(summary(once.decide(1000))).toEqual({ outer: 'billed' });
  });

  test('the outer span may end first: it waits for the one below that is open', () => {
    const once = new ChargeOnce<Offered>();
    once.started('outer');
    once.started('inner', 'outer');
    once.offer(span('outer', { startMs: 90, endMs: 190 }), 0);
    expect(once.decide(1)).toEqual([]);
    once.offer(span('inner', { parentKey: 'outer' }), 2);
    expect(summary(once.decide(2))).toEqual({ inner: 'billed', outer: 'billedDescendant → inner' });
  });

  test('one below that comes after the window is not billed as well', () => {
    const once = new ChargeOnce<Offered>();
    once.offer(framework, 0);
    once.decide(2000);
    once.offer(span('inner', { parentKey: 'outer' }), 2001);
    expect(summary(once.decide(2001))).toEqual({ inner: 'billedAncestor → outer' });
  });

  test('a call of our own that is still under way keeps a span from being billed', () => {
    const once = new ChargeOnce<Offered>();
    once.opened({ eventId: 'event of own', startMs: 100, models: ['gpt-4o'] });
    once.offer(framework, 0);
    expect(summary(once.decide(2000))).toEqual({ outer: 'ownCall → own' });
  });

  test('no more than so many wait: the oldest is decided', () => {
    const once = new ChargeOnce<Offered>({ maxPending: 2 });
    for (const key of ['a', 'b', 'c']) once.offer(span(key, { layer: 'framework', models: [key] }), 0);
    expect(summary(once.decide(0))).toEqual({ a: 'billed' });
  });
});

test('a response that is read again is not billed again; another call under its id is', () => {
  const once = new ChargeOnce<Offered>();
  once.offer(span('create', { scope: 's', responseId: 'r1' }), 0);
  once.offer(span('poll', { scope: 's', responseId: 'r1', startMs: 500, endMs: 510 }), 0);
  once.offer(span('mock', { scope: 's', responseId: 'r1', startMs: 600, endMs: 610, inputTokens: 99 }), 0);
  expect(summary(once.decide(Number.POSITIVE_INFINITY))).toMatchObject({ mock: 'billed' });
  expect(Object.values(summary(once.decide(Number.POSITIVE_INFINITY)))).toEqual([]);
});

test('a span that comes twice has one event', () => {
  const once = new ChargeOnce<Offered>();
  once.offer(span('a', { responseId: 'r1' }), 0);
  once.offer(span('a', { responseId: 'r1' }), 0);
  const events = once.decide(0).map((each) => ('bill' in each ? each.bill.eventId : each.reason));
  expect(new Set(events)).toEqual(new Set(['event of a']));
});

test('remembers no more spans than it may', () => {
  const once = new ChargeOnce<Offered>({ maxSpans: 100 });
  for (let n = 0; n < 1000; n++) {
    once.started(`s${n}`, `p${n}`);
    once.offer(span(`s${n}`, { parentKey: `p${n}`, responseId: `r${n}`, models: [`m${n}`] }), 0);
    expect(once.decide(0)).toHaveLength(1);
  }
  expect(once.size).toBeLessThanOrEqual(100);
});
