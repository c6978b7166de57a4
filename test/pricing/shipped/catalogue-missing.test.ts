import { expect, test, vi } from 'vitest';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { unfailingPrices } from '../../../src/metering/unfailing-prices.ts';
import { defaultPriceList } from '../../../src/pricing/shipped/default-price-list.ts';
import { priceUsage } from '../../../src/pricing/price-usage.ts';

vi.mock('../../../src/pricing/shipped/catalogue-data.ts', () => ({
  CATALOGUE_VERSION: '0.1.8',
  CATALOGUE_RELEASED: '2026-09-23',
  CATALOGUE: {},
}));

test('a missing catalogue is a reason of its own, and said once', () => {
  const warn = vi.fn<(message: string) => void>();
  const ignore = (): void => undefined;
  diag.setLogger({ warn, error: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
  unfailingPrices(defaultPriceList);
  unfailingPrices(defaultPriceList);
  diag.disable();
  const cost = priceUsage({ inputTokens: 1 }, { provider: 'openai', model: 'gpt-4o' });
  expect(cost).toMatchObject({
    status: 'unpriced',
    reason: expect.stringContaining('not loaded') as unknown,
  });
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/^costspan: the price catalogue is not loaded: .*calls are unpriced/),
  ]);
});
