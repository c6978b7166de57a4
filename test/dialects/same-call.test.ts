import { describe, expect, test } from 'vitest';
import { ChargeOnce } from '../../src/dialects/charge-once.ts';
import { isCloser, isSameCall, isUnmeasured, type SeenCall } from '../../src/dialects/seen-call.ts';

type Offered = SeenCall & { readonly key: string };

/** A call seen at the wire; the key is its name. */
function seen(key: string, fields: Partial<SeenCall> = {}): Offered {
  return {
    key,
    eventId: `event of ${key}`,
    traceId: 't1',
    scope: `scope of ${key}`,
    layer: 'wire',
    startMs: 1000,
    endMs: 2000,
    models: ['gpt-4o'],
    inputTokens: 10,
    outputTokens: 5,
    ...fields,
  };
}

/** The same without figures, or with one. */
function without(call: Offered, ...names: readonly ('inputTokens' | 'outputTokens' | 'traceId')[]): Offered {
  return Object.fromEntries(
    Object.entries(call).filter(([name]) => !names.some((each) => each === name)),
  ) as never;
}

/** What becomes of the spans that are offered: `billed`, or the event that bills them. */
function decided(once: ChargeOnce<Offered>, ...spans: readonly Offered[]): string[] {
  for (const span of spans) once.offer(span, 0);
  const decisions = once.decide(Number.POSITIVE_INFINITY);
  return spans.map(({ key }) => {
    const found = decisions.find((each) => ('bill' in each ? each.bill : each.suppress).key === key);
    return found === undefined || 'bill' in found ? 'billed' : `${found.reason} → ${found.favour}`;
  });
}

describe('two spans that nothing links saw one call', () => {
  const outer = seen('outer', { layer: 'framework', startMs: 1000, endMs: 2000 });
  // Clocks differ by 10 ms at most, and the inner span of a stream ends 1,000 ms later at most.
  test.each([
    [990, 999, true],
    [989, 999, false],
    [2000, 2000, true],
    [2001, 2001, false],
    [1011, 3000, true],
    [1011, 3001, false],
  ])('where one is from %i to %i and the other from 1000 to 2000: %s', (startMs, endMs, same) => {
    const inner = seen('inner', { startMs, endMs });
    expect([isSameCall(inner, outer), isSameCall(outer, inner)]).toEqual([same, same]);
  });

  const other = { traceId: 't2', parentKey: 'x' };
  test.each<[string, SeenCall, SeenCall, boolean]>([
    ['in one trace', seen('a', { parentKey: 'x' }), seen('b', { parentKey: 'y' }), true],
    ['in two, each with a history', seen('a', { parentKey: 'x' }), seen('b', other), false],
    ['in two, of which one begins with it', seen('a'), seen('b', other), true],
    ['in two, of which the other does', seen('a', other), seen('b'), true],
    ['where one is in none', without(seen('a', other), 'traceId'), seen('b', { parentKey: 'y' }), true],
    ['where the other is in none', seen('a', other), without(seen('b', { parentKey: 'y' }), 'traceId'), true],
  ])('%s: %s', (_where, a, b, same) => {
    expect(isSameCall(a, b)).toBe(same);
  });

  const framework = { layer: 'framework' } as const;
  test.each<[string, SeenCall, SeenCall, boolean]>([
    ['two at the wire with one figure in common', seen('a'), seen('b', { outputTokens: 6 }), false],
    ['a framework that has the input in common', seen('a', framework), seen('b', { outputTokens: 6 }), true],
    [
      'a framework that has the output in common',
      seen('a', { ...framework, inputTokens: 9 }),
      seen('b'),
      true,
    ],
    [
      'a framework that has nothing in common',
      seen('a', { ...framework, inputTokens: 9, outputTokens: 6 }),
      seen('b'),
      false,
    ],
    [
      'a framework that tells its output alone, which differs',
      without(seen('a', { ...framework, outputTokens: 6 }), 'inputTokens'),
      seen('b'),
      false,
    ],
    ['one that tells nothing', without(seen('a'), 'inputTokens', 'outputTokens'), seen('b'), true],
    [
      'two that tell different halves',
      without(seen('a'), 'inputTokens'),
      without(seen('b', framework), 'outputTokens'),
      false,
    ],
  ])('by their size, %s: %s', (_what, a, b, same) => {
    expect([isSameCall(a, b), isSameCall(b, a)]).toEqual([same, same]);
  });

  test('unless the provider’s ids say that they are two', () => {
    const [first, second, unnamed] = [
      seen('a', { responseId: 'r1' }),
      seen('b', { responseId: 'r2' }),
      seen('c'),
    ];
    expect(isSameCall(first, second)).toBe(false);
    expect([isSameCall(first, unnamed), isSameCall(unnamed, second)]).toEqual([true, true]);
    expect(isSameCall(first, seen('d', { responseId: 'r1' }))).toBe(true);
  });

  test('a size is known where one of its figures is', () => {
    const call = seen('a');
    expect(isUnmeasured(without(call, 'inputTokens', 'outputTokens'))).toBe(true);
    for (const name of ['inputTokens', 'outputTokens'] as const)
      expect(isUnmeasured(without(call, name))).toBe(false);
  });
});

describe('of two calls, a span is of the one', () => {
  const to = seen('to', { startMs: 1000 });
  test.each<[string, Partial<SeenCall>, Partial<SeenCall>, boolean]>([
    ['that is as large, however far', { startMs: 500 }, { startMs: 1001, outputTokens: 6 }, true],
    ['that is as large, and not the nearer one', { startMs: 1001, inputTokens: 9 }, { startMs: 500 }, false],
    ['that began nearer, where both are as large', { startMs: 1003 }, { startMs: 996 }, true],
    ['that began nearer, before or after', { startMs: 996 }, { startMs: 1003 }, false],
    ['that came first, where they are alike', { startMs: 1003 }, { startMs: 997 }, false],
  ])('%s', (_what, a, b, isFirst) => {
    expect(isCloser(seen('a', a), seen('b', b), to)).toBe(isFirst);
  });

  test('and each call is given to one span of an instrumentation', () => {
    const once = new ChargeOnce<Offered>();
    once.settled(seen('far', { startMs: 1100 }));
    once.settled(seen('near', { startMs: 1010 }));
    const span = (key: string) =>
      seen(key, { layer: 'framework', scope: 'langchain', startMs: 1000, endMs: 2500 });
    expect(decided(once, span('a'), span('b'), span('c')).toSorted()).toEqual([
      'billed',
      'ownCall → event of far',
      'ownCall → event of near',
    ]);
  });
});

describe('a call of our own that is under way', () => {
  const open = () => ({ eventId: 'event of own', startMs: 1000, models: ['gpt-4o', 'gpt-4o-2024-08-06'] });
  const span = (fields: Partial<SeenCall> = {}): Offered =>
    seen('span', { layer: 'framework', scope: 'langchain', startMs: 1000, endMs: 2000, ...fields });

  // The clocks of the two differ by 10 ms at most.
  test.each<[string, Partial<SeenCall>, boolean]>([
    ['began with it', {}, true],
    ['began 10 ms after it', { startMs: 1010 }, true],
    ['began 11 ms after it', { startMs: 1011 }, false],
    ['ended as it began', { startMs: 500, endMs: 1000 }, true],
    ['ended before it', { startMs: 500, endMs: 999 }, false],
    ['asked the same model under its other name', { models: ['gpt-4o-2024-08-06', 'x'] }, true],
    ['asked another model', { models: ['gpt-4o-mini'] }, false],
  ])('is that of a span that %s: %s', (_what, fields, isOwn) => {
    const once = new ChargeOnce<Offered>();
    once.opened(open());
    expect(decided(once, span(fields))).toEqual([isOwn ? 'ownCall → event of own' : 'billed']);
  });

  test('is one span of each instrumentation', () => {
    const once = new ChargeOnce<Offered>();
    once.opened(open());
    expect(decided(once, span(), { ...span({ scope: 'traceloop' }), key: 'other' })).toEqual([
      'ownCall → event of own',
      'ownCall → event of own',
    ]);
    // A second call of the framework, and one call of ours.
    expect(decided(once, { ...span(), key: 'second' })).toEqual(['billed']);
  });

  test('is under way no more once it has settled', () => {
    const once = new ChargeOnce<Offered>();
    once.opened(open());
    once.settled(seen('own', { startMs: 1000 }));
    expect(decided(once, span({ inputTokens: 99, outputTokens: 98 }))).toEqual(['billed']);
  });

  test('is one of so many; the oldest are forgotten', () => {
    const once = new ChargeOnce<Offered>({ maxPending: 2 });
    for (const [n, eventId] of ['first', 'second', 'third'].entries())
      once.opened({ ...open(), eventId, models: [`m${n}`] });
    const asked = (n: number): string[] => decided(once, { ...span({ models: [`m${n}`] }), key: `s${n}` });
    expect([asked(0), asked(1), asked(2)]).toEqual([['billed'], ['ownCall → second'], ['ownCall → third']]);
  });
});

test('the span of a call of our own is that call, whatever else it says', () => {
  const once = new ChargeOnce<Offered>();
  once.settled(seen('own', { scope: 'costspan' }));
  expect(
    decided(
      once,
      seen('own', { scope: 'costspan', eventId: 'another', models: [], startMs: 9000, endMs: 9001 }),
    ),
  ).toEqual(['ownCall → event of own']);
  const early = new ChargeOnce<Offered>();
  early.ownSpan('own', 'event of own');
  expect(decided(early, seen('own', { eventId: 'another' }))).toEqual(['ownCall → event of own']);
  // A call without a span has none to claim.
  const bare = new ChargeOnce<Offered>();
  const { key: _, ...call } = seen('own');
  bare.settled(call);
  expect(decided(bare, seen('undefined', { models: ['o3'] }))).toEqual(['billed']);
});

describe('an event of an earlier life', () => {
  test('keeps its span, and what is above it, from being billed again', () => {
    const once = new ChargeOnce<Offered>();
    once.recall(seen('inner', { parentKey: 'outer' }));
    expect(decided(once, seen('inner', { parentKey: 'outer' }))).toEqual(['billed']);
    expect(decided(once, seen('outer', { layer: 'framework', models: [], inputTokens: 1 }))).toEqual([
      'billedDescendant → event of inner',
    ]);
  });

  test('is not taken for a call of our own, and changes nothing that is known already', () => {
    const once = new ChargeOnce<Offered>();
    once.settled(seen('own', { responseId: 'r1' }));
    once.recall(seen('own', { eventId: 'event of before', responseId: 'r1' }));
    expect(decided(once, seen('again', { responseId: 'r1' }))).toEqual(['ownCall → event of own']);
    once.recall(seen('told', { responseId: 'r2' }));
    once.recall(seen('told', { eventId: 'event of before', responseId: 'r2' }));
    expect(decided(once, seen('repeated', { responseId: 'r2', models: ['x'] }))).toEqual([
      'responseSeen → event of told',
    ]);
    once.ownSpan('open', 'event of open');
    once.recall(seen('open', { eventId: 'event of before', responseId: 'r3', models: ['o3'] }));
    expect(decided(once, seen('other', { responseId: 'r3', models: ['o3'] }))).toEqual(['billed']);
  });
});

test('who waits is known, and the next deadline is the earliest', () => {
  const once = new ChargeOnce<Offered>({ windowMs: 100 });
  const span = (key: string) => seen(key, { layer: 'framework', models: [key] });
  once.offer(span('later'), 50);
  once.offer(span('sooner'), 0);
  expect(once.decide(99)).toEqual([]);
  expect([once.waits('later'), once.waits('sooner'), once.waits('nobody'), once.nextDeadline]).toEqual([
    true,
    true,
    false,
    100,
  ]);
  once.decide(100);
  expect([once.waits('later'), once.waits('sooner'), once.nextDeadline]).toEqual([true, false, 150]);
});

describe('of responses', () => {
  test('as many are remembered as there may be spans', () => {
    const once = new ChargeOnce<Offered>({ maxSpans: 2 });
    for (const n of [1, 2, 3]) decided(once, seen(`s${n}`, { responseId: `r${n}`, models: [`m${n}`] }));
    const again = (n: number): string[] =>
      decided(
        once,
        seen(`again ${n}`, { responseId: `r${n}`, models: [`n${n}`], startMs: 9000, endMs: 9001 }),
      );
    expect([again(2), again(3)]).toEqual([['responseSeen → event of s2'], ['responseSeen → event of s3']]);
    expect(again(1)).toEqual(['billed']);
  });

  test('the first event of an id counts', () => {
    const once = new ChargeOnce<Offered>();
    decided(once, seen('first', { scope: 's', responseId: 'r1' }));
    // Another call under that id, by whoever gives them out again.
    decided(
      once,
      seen('second', { scope: 's', responseId: 'r1', inputTokens: 99, startMs: 5000, endMs: 5001 }),
    );
    expect(decided(once, seen('third', { responseId: 'r1', startMs: 9000, endMs: 9001 }))).toEqual([
      'responseSeen → event of first',
    ]);
  });
});

test('a nameless span that tells no figures is no call that anybody could recognise', () => {
  const once = new ChargeOnce<Offered>();
  once.settled(seen('own'));
  const nameless = without(
    seen('nameless', { layer: 'framework', models: [] }),
    'inputTokens',
    'outputTokens',
  );
  expect(decided(once, nameless)).toEqual(['billed']);
});

test('of many calls alike the newest can still be found', () => {
  const once = new ChargeOnce<Offered>();
  for (let n = 0; n < 300; n += 1)
    once.settled(seen(`own ${n}`, { scope: 'costspan', startMs: n * 10_000, endMs: n * 10_000 + 100 }));
  const at = (n: number): string[] =>
    decided(once, seen(`span ${n}`, { layer: 'framework', startMs: n * 10_000, endMs: n * 10_000 + 100 }));
  // Beyond 256 of them the older half goes.
  expect([at(299), at(128), at(127)]).toEqual([
    ['ownCall → event of own 299'],
    ['ownCall → event of own 128'],
    ['billed'],
  ]);
});
