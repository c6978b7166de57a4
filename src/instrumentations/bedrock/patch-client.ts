import { ensureTrustBoundary } from '../../attribution/baggage/trust-boundary.ts';
import { callerContext, runInContext } from '../../attribution/caller-context.ts';
import { attempt } from '../../base/attempt.ts';
import { object, text } from '../../base/read.ts';
import { currentCall } from '../http/current-call.ts';
import { applyPatch, type PatchOwner } from '../shared-patch.ts';
import { BedrockCall } from './bedrock-call.ts';
import type { BedrockClient, HandlerArguments, HandlerResult, Middleware } from './client.ts';
import { OPERATIONS } from './operations.ts';

/** Puts a middleware on the stack of every client, when it first sends something. */
export function patchClient(prototype: BedrockClient, owner: PatchOwner): void {
  const { send } = prototype;
  applyPatch(prototype, owner, (owners) => ({
    send(this: BedrockClient, ...args) {
      attempt('observe a client', () => observeClient(this, owners));
      return send.apply(this, args);
    },
  }));
}

const OBSERVED = new WeakSet<object>();

function observeClient(client: BedrockClient, owners: ReadonlySet<PatchOwner>): void {
  if (OBSERVED.has(client)) return;
  OBSERVED.add(client);
  // Outermost: one command is one call, with its retries.
  client.middlewareStack.add(calls(client, owners), {
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

function calls(client: BedrockClient, owners: ReadonlySet<PatchOwner>): Middleware {
  return (next, context) => async (args) => {
    const call = attempt('observe a call', () => open(owners, context));
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
  return new BedrockCall(callerContext(), () => owner.tracer(), operation);
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
