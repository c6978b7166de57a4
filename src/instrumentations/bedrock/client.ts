/**
 * The inside of the AWS SDK's clients, as far as it is touched: all of it is public and documented
 * (https://aws.amazon.com/blogs/developer/middleware-stack-modular-aws-sdk-js/).
 */
export interface BedrockClient {
  readonly config?: { readonly region?: () => Promise<unknown> };
  readonly middlewareStack: MiddlewareStack;
  send(command: unknown, ...rest: unknown[]): unknown;
}

interface MiddlewareStack {
  add(middleware: Middleware, options: MiddlewareOptions): void;
}

export interface MiddlewareOptions {
  readonly step: 'initialize' | 'finalizeRequest';
  readonly priority: 'high' | 'low';
  readonly name: string;
  readonly override: true;
}

export type Middleware = (next: Handler, context: object) => Handler;
type Handler = (args: HandlerArguments) => Promise<HandlerResult>;

export interface HandlerArguments {
  readonly input: unknown;
  /** From `finalizeRequest` on: the request as it leaves. */
  readonly request?: unknown;
}

export interface HandlerResult {
  /** The reply, parsed; streams in it are the caller's. */
  readonly output: unknown;
  /** The reply as it came. */
  readonly response?: unknown;
}

/**
 * The client class of a module (`BedrockRuntimeClient`; `BedrockRuntime` extends it), a class that is one, or that of a
 * client. `send` is inherited from a class that all AWS clients share, which is left alone.
 */
export function findClientPrototypes(exported: unknown): Set<BedrockClient> {
  const candidates = typeof exported === 'function' ? [exported.prototype as unknown] : [];
  if (typeof exported === 'object' && exported !== null) {
    const { BedrockRuntimeClient: client } = exported as { readonly BedrockRuntimeClient?: unknown };
    candidates.push(typeof client === 'function' ? client.prototype : Object.getPrototypeOf(exported));
  }
  return new Set(candidates.filter(isClientPrototype));
}

function isClientPrototype(prototype: unknown): prototype is BedrockClient {
  return typeof prototype === 'object' && prototype !== null && 'send' in prototype && 'destroy' in prototype;
}
