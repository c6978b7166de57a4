import { channel } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callerContext, runInContext } from '../../src/attribution/caller-context.ts';
import { withoutTracking } from '../../src/attribution/scope.ts';
import { attributionOf, withoutCostEntries } from '../../src/attribution/who-pays.ts';
import { shared } from '../../src/base/process.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';
import { Call } from '../../src/calls/call-lifecycle.ts';
import { CostSpanProcessor } from '../../src/otel/cost-span-processor.ts';

const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
let processor: CostSpanProcessor;

beforeEach(() => {
  vi.useFakeTimers();
  forgetWarnings();
  Object.assign(shared('diag', Object), { phase: 'alone', kept: [], printed: new Set() });
  processor = new CostSpanProcessor({ metrics: false, defaultCustomer: 'house' });
});
afterEach(async () => {
  vi.useRealTimers();
  await processor.shutdown();
  printed.mockClear();
});

/** What undici publishes when a request is made. */
function send(url: string, method = 'POST'): void {
  const { origin, pathname, search } = new URL(url);
  channel('undici:request:create').publish({
    request: { method, origin, path: pathname + search, headers: [] },
  });
}

const CHAT = 'https://api.openai.com/v1/chat/completions';

describe('a billable request to a provider that nothing observed', () => {
  test('is said once per host, with the fix, and makes the health degraded', () => {
    expect(processor.health()).toMatchObject({ status: 'ok', unobserved: [] });
    send(CHAT);
    send(CHAT);
    send('https://api.anthropic.com/v1/messages?beta=true');
    vi.advanceTimersByTime(4999);
    expect(processor.health().unobserved).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(processor.health()).toMatchObject({
      status: 'degraded',
      unobserved: [
        { host: 'api.openai.com', requests: 2 },
        { host: 'api.anthropic.com', requests: 1 },
      ],
    });
    const lines = printed.mock.calls.map(([line]) => String(line));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('a call to api.openai.com (/v1/chat/completions) was not observed');
    for (const fix of ['--import', 'manuallyInstrument', 'ProviderFetchInstrumentation'])
      expect(lines[0]).toContain(fix);
  });

  test('is told by a process that ends sooner', () => {
    send(CHAT);
    process.emit('exit', 0);
    expect(printed).toHaveBeenCalledTimes(1);
  });

  test.each([
    [
      'a request of a call that is observed',
      () => runInContext(withoutCostEntries(callerContext()), () => send(CHAT)),
    ],
    ['a request that costs nothing', () => send('https://api.openai.com/v1/files')],
    ['a request that only reads', () => send(CHAT, 'GET')],
    ['a request to anybody else', () => send('https://example.org/v1/chat/completions')],
    ['a request inside withoutTracking', () => withoutTracking(() => send(CHAT))],
    [
      'a request whose call another source recorded',
      () => {
        send(CHAT);
        const made = new Call(callerContext(), attributionOf(callerContext()));
        made.describe({ provider: 'openai', operation: 'chat', request: { model: 'gpt-4o' } });
        made.settle({ status: 'ok', reading: { usage: { inputTokens: 1 } } });
      },
    ],
  ])('is not %s', (_, request) => {
    request();
    vi.advanceTimersByTime(60_000);
    expect(processor.health()).toMatchObject({ status: 'ok', unobserved: [] });
    expect(printed).not.toHaveBeenCalled();
  });

  test('is nobody’s business after shutdown', async () => {
    await processor.shutdown();
    send(CHAT);
    vi.advanceTimersByTime(60_000);
    expect(printed).not.toHaveBeenCalled();
  });
});
