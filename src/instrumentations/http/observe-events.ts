import { attempt } from '../../base/attempt.ts';

/** Who wants to know what a stream of events says. Must not refer to the stream, which would never be garbage then. */
export interface EventsObserver {
  event(event: unknown): void;
  /** The stream ended by itself. */
  ended(): void;
  /** The application stopped reading, or nobody can read any more. */
  left(): void;
  failed(error: unknown): void;
}

/**
 * Observes the events of an async iterable as the application reads them, and leaves it the same object. Each promise
 * is the iterable's own; none is read for us.
 */
export function observeEvents(events: unknown, observer: EventsObserver): void {
  if (typeof events !== 'object' || events === null || !(Symbol.asyncIterator in events))
    return observer.left();
  const iterate = events[Symbol.asyncIterator] as () => AsyncIterator<unknown>;
  UNREAD.register(events, observer, observer);
  Object.defineProperty(events, Symbol.asyncIterator, {
    value: function (this: unknown): AsyncIterator<unknown> {
      UNREAD.unregister(observer);
      const observed = new ObservedIterator(iterate.call(this), observer);
      UNREAD.register(observed, observer, observer);
      return observed;
    },
    configurable: true,
    writable: true,
  });
}

/** Streams that nobody can read any more. */
const UNREAD = new FinalizationRegistry<EventsObserver>((observer) => observer.left());

class ObservedIterator implements AsyncIterableIterator<unknown> {
  readonly #iterator: AsyncIterator<unknown>;
  readonly #observer: EventsObserver;

  constructor(iterator: AsyncIterator<unknown>, observer: EventsObserver) {
    this.#iterator = iterator;
    this.#observer = observer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(...args: [] | [unknown]): Promise<IteratorResult<unknown>> {
    return this.#observed(this.#iterator.next(...args));
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    attempt('read the end of a stream', () => this.#observer.left());
    return this.#iterator.return?.(value) ?? Promise.resolve({ done: true, value });
  }

  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    attempt('read the end of a stream', () => this.#observer.left());
    if (this.#iterator.throw === undefined) throw error;
    return this.#iterator.throw(error);
  }

  #observed(step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
    const observer = this.#observer;
    // Nobody waits for this promise, so it must not reject.
    step.then(
      ({ done, value }) =>
        attempt('read an event', () => (done === true ? observer.ended() : observer.event(value))),
      (error: unknown) => attempt('read the end of a stream', () => observer.failed(error)),
    );
    return step;
  }
}
