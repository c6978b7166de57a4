import { diag } from '../../attribution/diag.ts';
import type { EventStream } from './sdk.ts';

/**
 * Shows the lines of a JSONL reply as the application reads them; none is read for us. What is no such reply is
 * left alone.
 */
export function observeLines(reply: unknown, see: (line: unknown) => void): void {
  if (!isLineDecoder(reply)) return;
  const iterate = reply[Symbol.asyncIterator];
  const value = function (this: unknown): AsyncIterableIterator<unknown> {
    return new ObservedLines(iterate.call(this), see);
  };
  Object.defineProperty(reply, Symbol.asyncIterator, { value, configurable: true, writable: true });
}

/** Shows the events of a stream as the application reads them; none is read for us. */
export function observeEvents(stream: EventStream, see: (event: unknown) => void): void {
  const { iterator } = stream;
  stream.iterator = function (this: unknown) {
    return new ObservedLines(iterator.call(this), see);
  };
}

/** The SDKs' `JSONLDecoder`. */
interface LineDecoder {
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

function isLineDecoder(reply: unknown): reply is LineDecoder {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'decoder' in reply &&
    typeof reply.decoder === 'function' &&
    Symbol.asyncIterator in reply
  );
}

class ObservedLines implements AsyncIterableIterator<unknown> {
  readonly #lines: AsyncIterator<unknown>;
  readonly #see: (line: unknown) => void;

  constructor(lines: AsyncIterator<unknown>, see: (line: unknown) => void) {
    this.#lines = lines;
    this.#see = see;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(...args: [] | [undefined]): Promise<IteratorResult<unknown>> {
    const result = await this.#lines.next(...args);
    if (result.done) return result;
    try {
      this.#see(result.value);
    } catch (error) {
      diag.error('costspan: could not read a line of a reply; the line itself is unharmed', error);
    }
    return result;
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    return (await this.#lines.return?.(value)) ?? { done: true, value };
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    if (this.#lines.throw === undefined) throw error;
    return this.#lines.throw(error);
  }
}
