import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { observeEvents } from '../../../src/instrumentations/http/observe-events.ts';

/** What was heard of a stream, in order. */
function heard(): { readonly said: unknown[]; readonly observer: Parameters<typeof observeEvents>[1] } {
  const said: unknown[] = [];
  return {
    said,
    observer: {
      event: (event) => void said.push(event),
      ended: () => void said.push('ended'),
      left: () => void said.push('left'),
      failed: (error) => void said.push(error),
    },
  };
}

test('the application reads the same events from the same object, and its end is heard', async () => {
  const { said, observer } = heard();
  const events = (async function* () {
    yield 1;
    yield 2;
  })();
  observeEvents(events, observer);
  const read: unknown[] = [];
  for await (const event of events) read.push(event);
  await turn();
  expect([read, said]).toEqual([
    [1, 2],
    [1, 2, 'ended'],
  ]);
});

test('an error reaches the application as it is', async () => {
  const { said, observer } = heard();
  const failure = new Error('overloaded');
  const events = (async function* () {
    yield 1;
    throw failure;
  })();
  observeEvents(events, observer);
  const read = (async () => {
    for await (const _ of events);
  })();
  await expect(read).rejects.toBe(failure);
  await turn();
  expect(said).toEqual([1, failure]);
});

test('a stream that is left in the middle is closed, and told as left', async () => {
  const { said, observer } = heard();
  let isClosed = false;
  const events = (async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      isClosed = true;
    }
  })();
  observeEvents(events, observer);
  for await (const _ of events) break;
  await turn();
  expect([isClosed, said]).toEqual([true, [1, 'left']]);
});

test('an iterator that can do nothing but read on is left and thrown into like any other', async () => {
  const { said, observer } = heard();
  const events = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 1 }) }),
  };
  observeEvents(events, observer);
  const iterator = events[Symbol.asyncIterator]() as AsyncGenerator<number>;
  expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
  expect(await iterator.return(7)).toEqual({ done: true, value: 7 });
  const failure = new Error('mine');
  await expect(iterator.throw(failure)).rejects.toBe(failure);
  expect(said).toEqual(['left', 'left']);
});

test('what the application throws into a stream, the stream answers', async () => {
  const { said, observer } = heard();
  const events = (async function* () {
    try {
      yield 1;
    } catch (error) {
      yield error;
    }
  })();
  observeEvents(events, observer);
  const iterator = (events as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  await iterator.next();
  expect(await iterator.throw?.('mine')).toEqual({ done: false, value: 'mine' });
  await turn();
  expect(said).toEqual([1, 'left']);
});

test.each([[undefined], [null], [7], [{}], [[1]]])(
  '%j is no stream, and nothing more is heard of it',
  (events) => {
    const { said, observer } = heard();
    observeEvents(events, observer);
    expect(said).toEqual(['left']);
  },
);
