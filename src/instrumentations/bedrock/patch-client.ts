import { type Context, createContextKey } from '@opentelemetry/api';
import { ensureTrustBoundary } from '../../attribution/baggage/trust-boundary.ts';
import { callerContext, runInContext } from '../../attribution/caller-context.ts';
import { attempt } from '../../base/attempt.ts';
import { shared } from '../../base/process.ts';
import { object, text } from '../../base/read.ts';
import { currentCall } from '../http/current-call.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { BedrockCall, type Signal } from './bedrock-call.ts';
import type { BedrockClient, HandlerArguments, HandlerResult, Middleware } from './client.ts';
import { OPERATIONS } from './operations.ts';

/** Puts a middleware on the stack of every client, when it first sends something. */
export function patchClient(prototype: BedrockClient, owner: PatchOwner): void {
  const { send } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    send(this: BedrockClient, ...args) {
      attempt('observe a client', () => observeClient(this, owners));
      const ctx = attempt('note a signal', () => withSignal(args[1]));
      return ctx === undefined ? send.apply(this, args) : runInContext(ctx, () => send.apply(this, args));
    },
  }));
}

/** Who has patched the class, now: a middleware stays on its client when they leave, and others may come. */
interface Observed {
  owners: ReadonlySet<PatchOwner>;
}

/** Of all copies of the package: a copy's middleware would take the place of another's. */
function observedClients(): WeakMap<object, Observed> {
  return shared('observed Bedrock clients', () => new WeakMap());
}

function observeClient(client: BedrockClient, owners: ReadonlySet<PatchOwner>): void {
  const known = observedClients().get(client);
  if (known !== undefined) {
    known.owners = owners;
    return;
  }
  const observed: Observed = { owners };
  observedClients().set(client, observed);
  // Outermost: one command is one call, with its retries.
  client.middlewareStack.add(calls(client, observed), {
    step: 'initialize',
    priority: 'high',
    name: 'costspanCall',
    override: true,
  });
  // Innermost, below the SDK's retries: one attempt.
  client.middlewareStack.add(attempts, {
    step: 'finalizeRequest',
    priority: 'low',
    name: 'costspanAttempt',
    override: true,
  });
}

/** Calls by the context that the SDK makes for each command. */
const CALLS = new WeakMap<object, BedrockCall>();

function calls(client: BedrockClient, observed: Observed): Middleware {
  return (next, context) => async (args) => {
    const call = attempt('observe a call', () => open(observed.owners, context));
    if (call === undefined) return next(args);
    CALLS.set(context, call);
    return made(call, client, args, next);
  };
}

function open(owners: ReadonlySet<PatchOwner>, context: object): BedrockCall | undefined {
  const [owner] = owners;
  const operation = OPERATIONS[text(object(context)?.commandName) ?? ''];
  if (owner === undefined || operation === undefined || currentCall() !== undefined) return undefined;
  ensureTrustBoundary();
  const caller = callerContext();
  const signal = caller.getValue(SIGNAL) as Signal | undefined;
  return new BedrockCall(caller, () => owner.tracer(), operation, signal);
}

/** No middleware sees the options that a command is sent with: the signal goes from `send` to ours in the context. */
const SIGNAL = createContextKey('costspan signal of a command');

/** The context to send a command in; undefined where it is the caller's own. */
function withSignal(options: unknown): Context | undefined {
  const caller = callerContext();
  const signal = object(object(options)?.abortSignal);
  return signal === caller.getValue(SIGNAL) ? undefined : caller.setValue(SIGNAL, signal);
}

async function made(
  call: BedrockCall,
  client: BedrockClient,
  args: HandlerArguments,
  next: (args: HandlerArguments) => Promise<HandlerResult>,
): Promise<HandlerResult> {
  // The SDK asks for it as well, and waits for it.
  const region = await regionOf(client);
  attempt('read a request', () => call.begin(args.input, region));
  await call.ask();
  try {
    const result = await runInContext(call.sendingContext(call.context), () => next(call.changed(args)));
    attempt('read a reply', () => call.received(result.output));
    return result;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

const attempts: Middleware = (next, context) => (args) => {
  const call = CALLS.get(context);
  return call === undefined ? next(args) : call.attempted(() => next(args));
};

async function regionOf({ config }: BedrockClient): Promise<string | undefined> {
  try {
    return text(await config?.region?.());
  } catch {
    return undefined;
  }
}
