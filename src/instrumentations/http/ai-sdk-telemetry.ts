import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { type Context, trace } from '@opentelemetry/api';
import { attempt } from '../../base/attempt.ts';
import { shared } from '../../base/process.ts';
import { type JsonObject, object, text } from '../../base/read.ts';

/**
 * What the Vercel AI SDK's telemetry says around a request, under the names of its span attributes:
 * `ai.telemetry.functionId`, `ai.telemetry.metadata.<key>`. 5 and 6 say it on the span that is active, where that is
 * recorded; 7 on its diagnostics channel, with spans or without.
 */
export function aiSdkTelemetry(caller: Context): JsonObject | undefined {
  return followed().getStore() ?? saidOnSpan(object(trace.getSpan(caller))?.attributes);
}

/** Listens to the channel while somebody meters `fetch`; returns the way out. */
export function followAiSdk(): () => void {
  const followers = shared('ai sdk followers', () => new Set<object>());
  const follower = {};
  if (followers.size === 0) {
    // An error thrown here would end the process: Node has nobody else to give it to.
    CHANNEL.start.bindStore(followed(), (message) =>
      attempt("read the AI SDK's telemetry", () => saidOnChannel(message)),
    );
  }
  followers.add(follower);
  return () => {
    if (followers.delete(follower) && followers.size === 0) CHANNEL.start.unbindStore(followed());
  };
}

const CHANNEL = tracingChannel<JsonObject | undefined, object>('ai:telemetry');

function followed(): AsyncLocalStorage<JsonObject | undefined> {
  return shared('ai sdk telemetry', () => new AsyncLocalStorage<JsonObject | undefined>());
}

function saidOnSpan(attributes: unknown): JsonObject | undefined {
  const all = object(attributes);
  if (all?.['ai.operationId'] === undefined) return undefined;
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(TELEMETRY)));
}

/** Messages carry prompts as well: only names and values that the application gave for its telemetry are kept. */
function saidOnChannel(message: unknown): JsonObject | undefined {
  const event = object(object(message)?.event);
  const functionId = text(event?.functionId);
  const metadata = Object.entries(object(event?.runtimeContext) ?? {});
  // A step says less than the call around it.
  return {
    ...followed().getStore(),
    ...(functionId === undefined ? {} : { [`${TELEMETRY}functionId`]: functionId }),
    ...Object.fromEntries(metadata.map(([key, value]) => [`${TELEMETRY}metadata.${key}`, value])),
  };
}

const TELEMETRY = 'ai.telemetry.';
