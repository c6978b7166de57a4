import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { Context } from '@opentelemetry/api';
import { runInContext } from '../caller-context.ts';

/**
 * Makes the listeners added from now on run in `ctx`. A request emits `data` and `end` from the parser's context, and
 * under an HTTP instrumentation from the server span's, so a handler that collects the body in listeners would lose
 * the scope it was called in.
 */
export function bindListeners(emitter: unknown, ctx: Context): void {
  if (!(emitter instanceof EventEmitter)) return;
  const bound = new WeakMap<Listener, Listener>();
  let adding = false;
  const methods = emitter as unknown as Record<string, Method>;
  for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
    const add = methods[name] as Method;
    methods[name] = function (this: EventEmitter, event, listener) {
      // `once` calls `on` with a wrapper of its own, which must stay recognisable for its removal.
      if (adding || typeof listener !== 'function') return add.call(this, event, listener);
      adding = true;
      try {
        return add.call(this, event, bind(listener, ctx, bound));
      } finally {
        adding = false;
      }
    };
  }
  for (const name of ['removeListener', 'off']) {
    const remove = methods[name] as Method;
    methods[name] = function (this: EventEmitter, event, listener) {
      return remove.call(this, event, bound.get(listener) ?? listener);
    };
  }
}

/**
 * Makes the source of a stream run in `ctx`, whoever reads it: Koa pipes `ctx.body` after the last middleware returned,
 * and an async generator behind it would be resumed there.
 */
export function bindReading(stream: unknown, ctx: Context): void {
  if (!(stream instanceof Readable)) return;
  const read = stream._read;
  stream._read = function (this: Readable, size: number) {
    runInContext(ctx, () => read.call(this, size));
  };
}

type Listener = (...args: unknown[]) => unknown;
type Method = (this: EventEmitter, event: string | symbol, listener: Listener) => unknown;

function bind(listener: Listener, ctx: Context, bound: WeakMap<Listener, Listener>): Listener {
  const known = bound.get(listener);
  if (known !== undefined) return known;
  const inContext = function (this: unknown, ...args: unknown[]): unknown {
    return runInContext(ctx, () => listener.apply(this, args));
  };
  // `emitter.listeners()` shows what the application added.
  const wrapper = Object.assign(inContext, { listener });
  bound.set(listener, wrapper);
  return wrapper;
}
