import { type Context, createContextKey } from '@opentelemetry/api';
import { callerContext } from '../../attribution/caller-context.ts';

/** Shared by all copies of the package: `createContextKey` is `Symbol.for`. */
const CALL = createContextKey('costspan call');

/** The context in which a call's own request is made. */
export function withCall(ctx: Context, call: object): Context {
  return ctx.setValue(CALL, call);
}

/** The call whose request is being made here. Whatever leaves from here belongs to it, and is no call of its own. */
export function currentCall(): object | undefined {
  return callerContext().getValue(CALL) as object | undefined;
}
