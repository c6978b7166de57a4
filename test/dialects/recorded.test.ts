import { describe, expect, test } from 'vitest';
import type { SettledCall } from '../../src/calls/call.ts';
import { usageOf } from '../../src/calls/call.ts';
import { usageToJson } from '../../src/usage/usage.ts';
import { meterRecording, type Recording, RECORDINGS } from './recordings.ts';

/**
 * What an instrumentation leaves out: `nothing` = it makes no span for the call, `usage` = it makes one without
 * tokens, and else the details that it does not write. By the place of the call in its recording.
 */
const LEFT_OUT: Readonly<Record<string, Readonly<Record<number, 'nothing' | 'usage'>>>> = {
  langfuse: { 3: 'usage' },
  openinference: { 1: 'usage', 3: 'usage' },
  openllmetry: { 1: 'usage', 3: 'nothing' },
};

test('there is a recording of every dialect but our own', () => {
  const names = RECORDINGS.map(({ name }) => name.replace(/(?:-\d+|-python)$/, ''));
  expect(names).toEqual(
    expect.arrayContaining([
      'langsmith',
      'logfire',
      'openlit',
      'otel-contrib',
      'pydantic-ai',
      'sentry',
      'anthropic-native',
      'langfuse',
      'openinference',
      'openllmetry',
      'vercel-ai',
    ]),
  );
});

describe.each(RECORDINGS)('$name', (recording) => {
  const expected = billedCalls(recording);

  test.each([false, true])(
    'bills each call once, and what the provider billed (spans reversed: %s)',
    (reversed) => {
      const { calls } = meterRecording(recording, { reversed });
      const found = calls.toSorted((a, b) => Number(a.startTime) - Number(b.startTime));
      expect(found.map(summary)).toEqual(
        expected.map(({ usage, model, told }) => ({ usage: told ? usage : 'unknown', model })),
      );
    },
  );

  test('says nothing that the provider did not', () => {
    const { calls } = meterRecording(recording);
    const found = calls.toSorted((a, b) => Number(a.startTime) - Number(b.startTime));
    found.forEach((call, index) => {
      const {
        input_tokens,
        output_tokens,
        total_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        ...details
      } = usageToJson(usageOf(call));
      // Some write 0 for what they were not told.
      const said = Object.fromEntries(Object.entries(details).filter(([, count]) => count !== 0));
      expect(expected[index]?.all).toMatchObject(said);
      void [input_tokens, output_tokens, total_tokens, cache_write_5m_tokens, cache_write_1h_tokens];
    });
  });

  test('has an id that only its span decides', () => {
    const ids = meterRecording(recording).calls.map(({ id }) => id);
    expect(
      meterRecording(recording, { reversed: true })
        .calls.map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function billedCalls({ name, billed }: Recording) {
  return billed.flatMap(({ usage: { input_tokens, output_tokens, ...rest }, model }, index) => {
    const leftOut = LEFT_OUT[name]?.[index];
    if (leftOut === 'nothing') return [];
    const usage = output_tokens === undefined ? { input_tokens } : { input_tokens, output_tokens };
    return [{ usage, all: rest, model: model.replace(/-\d{4}-\d\d-\d\d$/, ''), told: leftOut === undefined }];
  });
}

function summary(call: SettledCall) {
  const { input_tokens, output_tokens } = usageToJson(usageOf(call));
  const usage = output_tokens === undefined ? { input_tokens } : { input_tokens, output_tokens };
  const model = call.reading.responseModel ?? call.request.model ?? '';
  return {
    usage: call.consumed.kind === 'counted' ? usage : call.consumed.kind,
    model: model.replace(/-\d{4}-\d\d-\d\d$/, ''),
  };
}
