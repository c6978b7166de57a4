import { attempt } from '../../base/attempt.ts';
import type { Outcome } from '../../calls/outcome.ts';
import type { Reading } from '../../wire/reading.ts';
import { soon } from './soon.ts';
import type { BodyReader, BodyView } from './body-reader.ts';

/** Who wants to know what a reply says. Must not refer to the reply, which would never be garbage then. */
export interface ReplyObserver {
  /** How this reply is read; undefined when there is nothing to be found in it. */
  view(response: Response): BodyView | undefined;
  /** The reply is being read by somebody: its end is theirs to tell. */
  claim(): void;
  /** An SDK reads the reply, and holds the response for as long as it does: then that alone tells when it is dropped. */
  readonly isReadBySdk?: boolean;
  /** Whoever gives the reader back before the end reads no further. */
  readonly isLeftOnRelease?: boolean;
  /** `soFar` tells at any moment what the reply has said. */
  follow(soFar: () => Reading): void;
  /** The reply ended, in whatever way; the first ending counts. */
  settle(outcome: Outcome): void;
}

/** What is known of one reply. It refers to neither the response nor its body. */
export class Observation {
  readonly reader: BodyReader;
  readonly observer: ReplyObserver;
  #finished = false;
  #isHandedOver = false;

  constructor(reader: BodyReader, observer: ReplyObserver) {
    this.reader = reader;
    this.observer = observer;
  }

  /** Somebody began to read. */
  claim(): void {
    this.observer.claim();
  }

  /** The body is read by way of a stream that may outlive the response. */
  handOver(stream: object): void {
    if (this.#isHandedOver) return;
    this.#isHandedOver = true;
    soon(() => {
      UNREAD.unregister(this);
      this.watch(stream);
    });
  }

  /** Reads a piece in passing; what the application gets for it. */
  see(piece: Uint8Array): Uint8Array {
    const shown = attempt('read a piece of a reply', () => this.reader.see(piece)) ?? piece;
    if (this.reader.isOver) this.finish((reader) => reader.ended());
    return shown;
  }

  /** The body ended; what was held back until now. */
  end(): Uint8Array {
    const rest = attempt('read the end of a reply', () => this.reader.rest());
    this.finish((reader) => reader.ended());
    return rest ?? NOTHING;
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  finish(how: (reader: BodyReader) => Outcome): void {
    if (this.#finished) return;
    this.#finished = true;
    this.observer.settle(attempt('read a reply', () => how(this.reader)) ?? { status: 'partial' });
  }

  /** Nobody can read the body any more once `response` is garbage. */
  watch(response: object): void {
    soon(() => {
      if (!this.#finished) UNREAD.register(response, this, this);
    });
  }
}

const NOTHING = new Uint8Array(0);

/** Bodies that nobody can read any more. The call itself was answered and is billed. */
const UNREAD = new FinalizationRegistry<Observation>((observation) => {
  const outcome = observation.reader.left();
  observation.finish(() => ({ ...outcome, abandoned: true }));
});
