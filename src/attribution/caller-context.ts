import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { processSlot } from './process-slot.ts';

/**
 * The context the running code was called in: OpenTelemetry's, or our own where no context manager is installed,
 * so that attribution works without any SDK.
 */
export function callerContext(): Context {
  if (hasContextManager()) return context.active();
  return processSlot().storage.getStore() ?? ROOT_CONTEXT;
}

/** Runs `fn` in `ctx` and returns what it returns, untouched. */
export function runInContext<T>(ctx: Context, fn: () => T): T {
  if (hasContextManager()) return context.with(ctx, fn);
  return processSlot().storage.run(ctx, fn);
}

const API = Symbol.for('opentelemetry.js.api.1');
const PROBE = createContextKey('costspan probe');
let probedManager: unknown;
let managerWorks = false;

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
  }
  return managerWorks;
}
