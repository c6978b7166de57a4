import { soon } from './soon.ts';

/**
 * Who may still read a reply. A reply that somebody took is theirs to read, or to leave; one that nobody can take any
 * more, because every handle on it is garbage, is ours.
 *
 * @example
 * const claim = new ReplyClaim();
 * claim.hold(handle, () => readIt()); // runs when `handle` is garbage and nobody called claim()
 */
export class ReplyClaim {
  #isClaimed = false;
  #unclaimed: (() => void) | undefined;

  /** Somebody took the reply. */
  claim(): void {
    this.#isClaimed = true;
    this.#unclaimed = undefined;
  }

  /** The reply is there, and `handle` is the only way to it; `unclaimed` must not refer to it. */
  hold(handle: object, unclaimed: () => void): void {
    if (this.#isClaimed) return;
    this.#unclaimed = unclaimed;
    soon(() => {
      if (!this.#isClaimed) DROPPED.register(handle, this);
    });
  }

  /** The last handle is garbage. */
  dropped(): void {
    const unclaimed = this.#unclaimed;
    this.claim();
    unclaimed?.();
  }
}

const DROPPED = new FinalizationRegistry<ReplyClaim>((claim) => claim.dropped());
