import type { Context, Tracer } from '@opentelemetry/api';
import { callerContext } from '../attribution/caller-context.ts';
import { attributionOf } from '../attribution/who-pays.ts';
import { known } from '../base/read.ts';
import { Call } from '../calls/call-lifecycle.ts';

/** Where a WebSocket goes, and who traces its calls. */
export interface Socket {
  readonly address: URL | null;
  readonly provider: () => string;
  readonly tracer: () => Tracer;
}

/** Who speaks through a WebSocket: its answers are calls of whoever spoke last. */
export class SocketCaller {
  readonly #socket: Socket;
  /** The context of the last message, else of the listener, that named a customer. */
  #context: Context | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Somebody speaks, or listens, here and now. */
  heard(): void {
    const context = callerContext();
    if (attributionOf(context).customer !== undefined) this.#context = context;
  }

  /** An answer begins: a call that is under way. */
  open(operation: string, model: string | undefined): Call {
    // Messages arrive in the context in which the socket was made.
    const context = this.#context ?? callerContext();
    const call = new Call(context, attributionOf(context));
    const { address, provider, tracer } = this.#socket;
    call.describe({
      provider: provider(),
      operation,
      request: { stream: true, ...known({ model }) },
      ...(address === null ? {} : { serverAddress: address.hostname }),
      ...(address === null || address.port === '' ? {} : { serverPort: Number(address.port) }),
    });
    call.startSpan(tracer());
    // It is heard of only when the provider began to answer.
    call.sent();
    call.answered();
    return call;
  }
}
