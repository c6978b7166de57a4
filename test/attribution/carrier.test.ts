import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCarrier, toCarrier } from '../../src/attribution/carrier.ts';
import {
  runWithAttribution,
  snapshotAttribution,
  withCostContext,
  withCustomer,
  withoutTracking,
} from '../../src/attribution/scope.ts';

/** Any sequence of UTF-16 units, lone surrogates included. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});

describe('a carrier', () => {
  it('brings any customer and any context back unchanged, through JSON and through ASCII', () => {
    fc.assert(
      fc.property(
        anyText.filter((text) => text !== ''),
        fc.dictionary(anyText, fc.oneof(fc.jsonValue(), anyText)),
        (customer, context) => {
          withCustomer(customer, context as never, () => {
            const carrier = toCarrier();
            expect(carrier['costspan.attribution']).toMatch(/^[\x20-\x7e]*$/);
            const back = fromCarrier(JSON.parse(JSON.stringify(carrier)));
            expect(back).toEqual(snapshotAttribution());
            expect(Object.keys(back.context)).toEqual(Object.keys(snapshotAttribution().context));
          });
        },
      ),
    );
  });

  it('keeps "nobody", "nobody said", untracked and not persisted apart', () => {
    for (const snapshot of [
      snapshotAttribution(),
      withCustomer(null, snapshotAttribution),
      withCostContext({}, { persist: false }, snapshotAttribution),
      withoutTracking(() => withCustomer('acme', snapshotAttribution)),
    ]) {
      expect(runWithAttribution(fromCarrier(toCarrier(snapshot)), snapshotAttribution)).toEqual(snapshot);
    }
  });

  it('reads what is no carrier as "nobody said"', () => {
    for (const stranger of [
      undefined,
      null,
      7,
      {},
      { 'costspan.attribution': '{' },
      { 'costspan.attribution': '7' },
    ]) {
      expect(fromCarrier(stranger)).toEqual({ context: {}, tracked: true, persist: true });
    }
  });
});
