import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { parquetParts } from '../../src/reports/parquet.ts';
import { cost, costEvent } from '../ledger/events.ts';

async function fileOf(...events: CostEvent[]): Promise<{ parts: number; bytes: Buffer; told: number }> {
  let told = 0;
  const parts: Uint8Array[] = [];
  const source = (async function* () {
    yield* events;
  })();
  for await (const part of parquetParts(source, () => void (told += 1))) parts.push(part);
  return { parts: parts.length, bytes: Buffer.concat(parts), told };
}

async function rowsOf(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return parquetReadObjects({ file });
}

test('one row an event, whole numbers whole, the unknown empty, and what has a shape of its own as JSON', async () => {
  const { responseModel: _, ...unnamed } = costEvent({ cost: cost(undefined), usage: { inputTokens: 7 } });
  const charge = { status: 'charged', currency: 'EUR', amount: '0.5', rateCard: 'a', lineItems: [] } as const;
  const { bytes, told } = await fileOf(
    costEvent({ context: { feature: 'chat', seats: 3 }, charge }),
    costEvent({ ...unnamed, customer: null }),
  );
  const [first, second] = await rowsOf(bytes);
  expect(told).toBe(2);
  expect(first).toMatchObject({
    customer: 'acme',
    timestamp: new Date('2026-11-20T10:00:00.000Z'),
    input_tokens: 1000n,
    cost_status: 'priced',
    charge_currency: 'EUR',
    stream: false,
  });
  expect(JSON.parse(String(first?.context))).toEqual({ feature: 'chat', seats: 3 });
  expect(Number(first?.amount)).toBe(0.0035);
  expect(Number(first?.charge_amount)).toBe(0.5);
  expect(second).toMatchObject({ input_tokens: 7n, cost_status: 'unpriced', cost_reason: 'unknown model' });
  for (const column of ['amount', 'currency', 'output_tokens', 'charge_amount', 'customer'])
    expect(second?.[column] ?? null).toBeNull();
});

test('a file of no events is a file', async () => {
  const { bytes } = await fileOf();
  expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
  expect(await rowsOf(bytes)).toEqual([]);
});

test('rows are written in groups, so that memory stays flat', async () => {
  const event = costEvent();
  const { parts, bytes } = await fileOf(...Array.from({ length: 10_001 }, () => event));
  expect(parts).toBe(2);
  expect(await rowsOf(bytes)).toHaveLength(10_001);
});

test.each(['0.0000000000000000001', '100000000000000000000', '-100000000000000000000'])(
  'an amount that a decimal of 38 digits cannot hold is refused and never rounded: %s',
  async (amount) => {
    await expect(fileOf(costEvent({ id: 'the-call', cost: cost(amount) }))).rejects.toThrow(
      `The amount ${amount} of event the-call is not one of 20 digits and 18 places, which is what Parquet's decimals hold. Export NDJSON`,
    );
  },
);

test.each(['0.000000000000000001', '99999999999999999999.999999999999999999', '-99999999999999999999'])(
  '%s still fits',
  async (amount) => {
    expect(await rowsOf((await fileOf(costEvent({ cost: cost(amount) }))).bytes)).toHaveLength(1);
  },
);
