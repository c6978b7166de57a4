import { context, diag, DiagLogLevel, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { attributionOf, withoutCostEntries } from '../../src/attribution/who-pays.ts';
import { callerContext } from '../../src/attribution/caller-context.ts';
import {
  currentAttribution,
  runWithAttribution,
  snapshotAttribution,
  updateCostContext,
  withCostContext,
  withCustomer,
  withoutTracking,
} from '../../src/attribution/scope.ts';
import { ConfigError } from '../../src/base/errors.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

const customer = (): string | null | undefined => currentAttribution().customer;
const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));

describe.each(['with a context manager', 'without any SDK'])('%s', (setup) => {
  beforeEach(() => {
    if (setup === 'with a context manager') {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    }
  });
  afterEach(() => {
    context.disable();
    diag.disable();
    forgetWarnings();
  });

  it('bills what runs inside the scope, and returns what fn returned, untouched', async () => {
    const promise = Promise.resolve(7);
    expect(withCustomer('acme', () => promise)).toBe(promise);
    expect(withCustomer('acme', customer)).toBe('acme');
    expect(
      await withCustomer('acme', async () => {
        await pause();
        return currentAttribution();
      }),
    ).toEqual({ customer: 'acme', source: 'scope', context: {}, tracked: true, persist: true });
    expect(customer()).toBeUndefined();
  });

  it('inherits with undefined, bills nobody with null, and the inner string wins', () => {
    withCustomer('outer', () => {
      expect(withCustomer(undefined, customer)).toBe('outer');
      expect(withCustomer(null, customer)).toBeNull();
      expect(withCustomer('inner', customer)).toBe('inner');
      expect(withCustomer(null, () => withCustomer('again', customer))).toBe('again');
      expect(customer()).toBe('outer');
    });
  });

  it('takes the ids of JavaScript callers as text, and lets an empty id name nobody', () => {
    const warn = vi.fn<() => void>();
    diag.setLogger(
      { warn, error: warn, info: warn, debug: warn, verbose: warn },
      { logLevel: DiagLogLevel.WARN },
    );
    expect(withCustomer(42, customer)).toBe('42');
    expect(withCustomer(42n, customer)).toBe('42');
    expect(warn).not.toHaveBeenCalled();
    expect(withCustomer('outer', () => withCustomer('', customer))).toBe('outer');
    expect(withCustomer('outer', () => withCustomer(Number.NaN as never, customer))).toBe('outer');
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('merges context by scope: the inner value wins and the outer is back when the scope ends or throws', () => {
    withCostContext({ feature: 'chat', project: 'bot' }, () => {
      withCustomer('acme', { feature: 'search' }, () => {
        expect(currentAttribution()).toMatchObject({
          customer: 'acme',
          context: { feature: 'search', project: 'bot' },
        });
      });
      expect(() =>
        withCostContext({ feature: 'x' }, () => {
          throw new RangeError('boom');
        }),
      ).toThrow(RangeError);
      expect(currentAttribution().context).toEqual({ feature: 'chat', project: 'bot' });
    });
    expect(currentAttribution().context).toEqual({});
  });

  it('updates the rest of the current scope only', async () => {
    await withCustomer('acme', { step: 'start' }, async () => {
      const open = withCostContext({ child: true }, async () => {
        await pause();
        return currentAttribution().context;
      });
      withCostContext({}, () => updateCostContext({ step: 'inner' }));
      expect(currentAttribution().context).toEqual({ step: 'start' });
      updateCostContext({ step: 'done' });
      await pause();
      expect(currentAttribution().context).toEqual({ step: 'done' });
      expect(await open).toEqual({ step: 'start', child: true });
    });
    expect(currentAttribution().context).toEqual({});
  });

  it('changes nothing outside a scope, and says so', () => {
    const warn = vi.fn<() => void>();
    diag.setLogger(
      { warn, error: warn, info: warn, debug: warn, verbose: warn },
      { logLevel: DiagLogLevel.WARN },
    );
    updateCostContext({ feature: 'lost' });
    expect(currentAttribution().context).toEqual({});
    expect(warn).toHaveBeenCalledOnce();
  });

  it('records nothing inside withoutTracking, and keeps the customer', () => {
    withCustomer('acme', () =>
      withoutTracking(() => expect(currentAttribution()).toMatchObject({ customer: 'acme', tracked: false })),
    );
  });

  it('keeps persist: false for the scope and all inside it, unless an inner scope says otherwise', () => {
    withCostContext({}, { persist: false }, () => {
      expect(currentAttribution().persist).toBe(false);
      expect(withCustomer('acme', () => currentAttribution().persist)).toBe(false);
      expect(withCostContext({}, { persist: true }, () => currentAttribution().persist)).toBe(true);
    });
  });

  it('resumes a snapshot anywhere, exactly as it was', () => {
    const snapshot = withCustomer('acme', { feature: 'chat' }, snapshotAttribution);
    withCustomer('other', { noise: 1 }, () => {
      expect(runWithAttribution(snapshot, currentAttribution)).toEqual(snapshot);
    });
    const nobody = snapshotAttribution();
    expect(withCustomer('other', () => runWithAttribution(nobody, customer))).toBeUndefined();
  });

  it('tells of a wrong context or option, and runs the function all the same', () => {
    const warn = vi.fn<(message: string) => void>();
    diag.setLogger(
      { warn, error: warn, info: warn, debug: warn, verbose: warn },
      { logLevel: DiagLogLevel.WARN },
    );
    expect(withCustomer('acme', 'chat' as never, customer)).toBe('acme');
    expect(withCostContext({ a: 1 }, { presist: false } as never, () => currentAttribution().persist)).toBe(
      true,
    );
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining("got 'chat'"),
      expect.stringContaining("Did you mean 'persist'?"),
    ]);
  });

  it('refuses a call without a function, saying what to pass', () => {
    expect(() => withCustomer('acme', undefined as unknown as () => void)).toThrow(ConfigError);
    expect(() => withCustomer('acme', undefined as unknown as () => void)).toThrow(
      /expected the last argument/,
    );
  });

  it('hides the entries from the provider call and stays attributed inside it', () => {
    withCustomer('acme', { feature: 'chat' }, () => {
      const ctx = withoutCostEntries(callerContext());
      expect(propagation.getBaggage(ctx)).toBeUndefined();
      expect(attributionOf(ctx)).toMatchObject({ customer: 'acme', context: { feature: 'chat' } });
    });
  });
});

test('a scope that was opened before an SDK registered its context manager still holds, and ends as ever', async () => {
  try {
    await withCustomer('acme', async () => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      expect(customer()).toBe('acme');
      await pause();
      expect(customer()).toBe('acme');
      expect(withCustomer('inner', customer)).toBe('inner');
      expect(customer()).toBe('acme');
    });
    expect(customer()).toBeUndefined();
  } finally {
    context.disable();
  }
});

describe('with baggage that the application sets', () => {
  beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterEach(() => context.disable());

  const withBaggage = <T>(entries: Readonly<Record<string, string>>, fn: () => T): T => {
    let baggage = propagation.getBaggage(context.active()) ?? propagation.createBaggage();
    for (const [name, value] of Object.entries(entries)) baggage = baggage.setEntry(name, { value });
    return context.with(propagation.setBaggage(context.active(), baggage), fn);
  };

  it('counts like withCustomer', () => {
    withBaggage({ 'costspan.customer': 'acme', 'costspan.context.feature': 'chat', plan: 'pro' }, () => {
      expect(currentAttribution()).toEqual({
        customer: 'acme',
        source: 'baggage',
        context: { feature: 'chat' },
        tracked: true,
        persist: true,
      });
    });
  });

  it('the nearest wins, whichever way it is said', () => {
    withCustomer('outer', () =>
      withBaggage({ 'costspan.customer': 'inner' }, () => expect(customer()).toBe('inner')),
    );
    withBaggage({ 'costspan.customer': 'outer' }, () =>
      withCustomer('inner', () => expect(customer()).toBe('inner')),
    );
    withBaggage({ 'costspan.customer': 'outer' }, () =>
      withCostContext({ feature: 'chat' }, () => {
        expect(customer()).toBe('outer');
        withBaggage({ 'costspan.customer': 'outer' }, () => expect(customer()).toBe('outer'));
        withBaggage({ 'costspan.customer': 'inner', 'costspan.context.feature': 'search' }, () => {
          expect(currentAttribution()).toMatchObject({ customer: 'inner', context: { feature: 'search' } });
          withCustomer('innermost', () => expect(customer()).toBe('innermost'));
        });
      }),
    );
  });

  it('takes only our entries out of the provider call', () => {
    withBaggage({ 'costspan.customer': 'acme', 'costspan.context.feature': 'chat', plan: 'pro' }, () => {
      const ctx = withoutCostEntries(context.active());
      expect(propagation.getBaggage(ctx)?.getAllEntries()).toEqual([['plan', { value: 'pro' }]]);
      expect(attributionOf(ctx)).toMatchObject({ customer: 'acme', context: { feature: 'chat' } });
      expect(propagation.getBaggage(context.active())?.getAllEntries()).toHaveLength(3);
    });
  });

  it('says nothing where nothing was said', () => {
    expect(attributionOf(ROOT_CONTEXT)).toEqual({ context: {}, tracked: true, persist: true });
  });
});
