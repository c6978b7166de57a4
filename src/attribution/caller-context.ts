import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { shared } from '../base/process.ts';

/**
 * The context the running code was called in: OpenTelemetry's, or our own where no context manager is installed,
 * so that attribution works without any SDK.
 */
export function callerContext(): Context {
  if (!hasContextManager()) return storage().getStore() ?? ROOT_CONTEXT;
  const active = context.active();
  // A scope that was opened before an SDK registered its context manager still holds.
  return active === managersRoot ? (storage().getStore() ?? active) : active;
}

/** Runs `fn` in `ctx` and returns what it returns, untouched. */
export function runInContext<T>(ctx: Context, fn: () => T): T {
  if (hasContextManager()) return context.with(ctx, fn);
  return storage().run(ctx, fn);
}

/** Carries the context where no OpenTelemetry context manager is installed. */
function storage(): AsyncLocalStorage<Context> {
  return shared('attribution storage', () => new AsyncLocalStorage());
}

const API = Symbol.for('opentelemetry.js.api.1');
const PROBE = createContextKey('costspan probe');
let probedManager: unknown;
let managerWorks = false;
/** What the manager shows where nothing was entered: the root of its own copy of the API. */
let managersRoot: Context | undefined;
/** Runs a function where nothing was entered, as when this file was loaded. */
const outside = AsyncLocalStorage.snapshot();

/**
 * Asks the manager by trying it, once per manager: a registered one may still be deaf to this copy of the API,
 * when the versions do not match.
 */
function hasContextManager(): boolean {
  const manager = (globalThis as { [API]?: { context?: unknown } })[API]?.context;
  if (manager !== probedManager) {
    probedManager = manager;
    managerWorks =
      manager !== undefined &&
      context.with(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE) === true);
    managersRoot = outside(() => context.active());
  }
  return managerWorks;
}
