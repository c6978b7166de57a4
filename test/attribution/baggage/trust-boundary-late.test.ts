import { context, diag, DiagLogLevel, propagation } from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { afterEach, expect, it, vi } from 'vitest';
import { attributionOf } from '../../../src/attribution/who-pays.ts';
import { ensureTrustBoundary } from '../../../src/attribution/baggage/trust-boundary.ts';

const API = Symbol.for('opentelemetry.js.api.1');
const holder = globalThis as { [API]?: object };
const before = Object.getOwnPropertyDescriptor(holder, API);

afterEach(() => {
  if (before === undefined) delete holder[API];
  else Object.defineProperty(holder, API, before);
});

const customerOf = (headers: object): unknown =>
  attributionOf(propagation.extract(context.active(), headers)).customer;

it('stands around a propagator that was registered before us', () => {
  propagation.setGlobalPropagator(new W3CBaggagePropagator());
  const headers = { baggage: 'costspan.customer=evil' };
  expect(customerOf(headers)).toBe('evil');
  ensureTrustBoundary();
  ensureTrustBoundary();
  expect(customerOf(headers)).toBeUndefined();
  propagation.disable();
});

it('says so when it cannot stand there, and harms nobody', () => {
  const error = vi.fn<() => void>();
  const sealed = Object.freeze({ version: '1.10.0', propagation: new W3CBaggagePropagator() });
  diag.setLogger(
    { error, warn: error, info: error, debug: error, verbose: error },
    { logLevel: DiagLogLevel.ERROR },
  );
  const withLogger = holder[API];
  Object.defineProperty(holder, API, {
    configurable: true,
    value: { ...sealed, diag: (withLogger as { diag: unknown }).diag },
  });
  Object.freeze(holder[API]);
  expect(ensureTrustBoundary).not.toThrow();
  expect(error).toHaveBeenCalledOnce();
});
