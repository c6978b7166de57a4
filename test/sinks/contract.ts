import { describe, expect, test } from 'vitest';
import type { CostEvent, CostEventJson } from '../../src/metering/cost-event.ts';
import type { CostEventSink } from '../../src/delivery/sink.ts';
import { costEvent } from '../ledger/events.ts';

/** A sink, the JSON forms that have reached its destination, and the way to make that destination fail. */
export interface SinkUnderTest {
  readonly sink: CostEventSink;
  arrived(): Promise<readonly CostEventJson[]> | readonly CostEventJson[];
  /** Absent when the destination cannot fail. */
  readonly fail?: () => void;
}

/** What every sink promises to whoever delivers to it. */
export function testSink(
  name: string,
  open: () => Promise<SinkUnderTest>,
  { canFail = true }: { readonly canFail?: boolean } = {},
): void {
  describe(`${name} as a sink`, () => {
    test('has a name under which its progress is kept', async () => {
      const { sink } = await open();
      expect(sink.name).toMatch(/^[a-z][a-z0-9-]*$/);
      await sink.shutdown?.();
    });

    test('has handed on every event, whole, when write resolves', async () => {
      const { sink, arrived } = await open();
      const events = [
        costEvent({
          customer: 'Ünïcode & "quotes"\nnewline',
          context: { feature: 'chat', n: 3, deep: { a: [1, null] } },
        }),
        costEvent({ customer: null, usage: { inputTokens: 3, outputAudioSeconds: 1.5 } }),
        costEvent({ cost: { status: 'unpriced', lineItems: [], reason: 'unknown model' } }),
      ];
      await sink.write(events);
      expect(await arrived()).toEqual(asJson(events));
      await sink.shutdown?.();
    });

    test('takes batches one after the other and at the same time', async () => {
      const { sink, arrived } = await open();
      const events = Array.from({ length: 30 }, () => costEvent());
      await sink.write(events.slice(0, 10));
      await Promise.all([sink.write(events.slice(10, 20)), sink.write(events.slice(20))]);
      expect(new Set((await arrived()).map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
      await sink.shutdown?.();
    });

    test('takes nothing, and the same event again, without complaint', async () => {
      const { sink, arrived } = await open();
      const event = costEvent();
      await sink.write([]);
      await sink.write([event]);
      await sink.write([event]);
      expect(new Set((await arrived()).map(({ id }) => id))).toEqual(new Set([event.id]));
      await sink.shutdown?.();
    });

    if (canFail) {
      test('says so when its destination fails, so that the events are offered again', async () => {
        const { sink, fail } = await open();
        expect(fail).toBeTypeOf('function');
        fail?.();
        await expect(async () => sink.write([costEvent()])).rejects.toThrow(Error);
        await sink.shutdown?.();
      });
    }

    test('may be flushed and shut down more than once', async () => {
      const { sink, arrived } = await open();
      await sink.write([costEvent()]);
      for (const end of [sink.flush, sink.flush, sink.shutdown, sink.shutdown]) await end?.call(sink);
      expect(await arrived()).toHaveLength(1);
    });
  });
}

function asJson(events: readonly CostEvent[]): CostEventJson[] {
  return events.map((event) => JSON.parse(JSON.stringify(event)) as CostEventJson);
}
