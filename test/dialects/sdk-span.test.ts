import { expect, test } from 'vitest';
import { idsOf, readSdkSpan } from '../../src/dialects/sdk-span.ts';

const spanContext = () => ({ traceId: 't', spanId: 's' });

test('a span is read in the form of every major of the SDK', () => {
  const ended = { spanContext, name: 'chat', kind: 2, startTime: [1, 500_000_000], endTime: [2, 0] };
  const read = {
    traceId: 't',
    spanId: 's',
    name: 'chat',
    isClient: true,
    startMs: 1500,
    endMs: 2000,
    failed: false,
    attributes: {},
  };
  // Until 1.x, and from 2.x on.
  expect(
    readSdkSpan({ ...ended, parentSpanId: 'p', instrumentationLibrary: { name: 'lib', version: '1' } }),
  ).toEqual({
    ...read,
    parentSpanId: 'p',
    scope: { name: 'lib', version: '1' },
  });
  expect(
    readSdkSpan({ ...ended, parentSpanContext: { spanId: 'p' }, instrumentationScope: { name: 'lib' } }),
  ).toEqual({
    ...read,
    parentSpanId: 'p',
    scope: { name: 'lib' },
  });
});

test('a span that says next to nothing is read as far as it does', () => {
  expect(readSdkSpan({ spanContext, startTime: 'now', status: { code: 2 } })).toEqual({
    traceId: 't',
    spanId: 's',
    name: '',
    isClient: false,
    startMs: 0,
    endMs: 0,
    attributes: {},
    scope: { name: '' },
    failed: true,
  });
});

test('of several exceptions the last is the one that the span failed with', () => {
  const exception = (type: string) => ({ name: 'exception', attributes: { 'exception.type': type } });
  const events = [exception('First'), exception('Last'), { name: 'retry' }];
  expect(readSdkSpan({ spanContext, events })?.exceptionType).toBe('Last');
});

test.each([
  [undefined],
  [null],
  ['span'],
  [{}],
  [{ spanContext: 'none' }],
  [{ spanContext: () => null }],
  [{ spanContext: () => ({ traceId: 't' }) }],
  [{ spanContext: () => ({ spanId: 's' }) }],
])('%j is no span', (span) => {
  expect([idsOf(span), readSdkSpan(span)]).toEqual([undefined, undefined]);
});
