/** The last amounts of something, for a quantile. Floats: an estimate, never a bill. */
export class RecentAmounts {
  readonly #amounts: number[] = [];
  readonly #size: number;
  #next = 0;
  /** Sorted copy, made when asked for and kept until the next amount. */
  #sorted: readonly number[] | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  add(amount: number): void {
    if (!Number.isFinite(amount)) return;
    this.#amounts[this.#next] = amount;
    this.#next = (this.#next + 1) % this.#size;
    // Sorting at every call would cost more than the figure is worth: a stale quantile serves for a while.
    if (this.#sorted === undefined || this.#next % REFRESH === 0 || amount > (this.#sorted.at(-1) ?? 0))
      this.#sorted = undefined;
  }

  /** The amount that `share` of the last calls did not exceed; undefined with fewer than `least` of them. */
  quantile(share: number, least: number): number | undefined {
    if (this.#amounts.length < least) return undefined;
    this.#sorted ??= this.#amounts.toSorted((a, b) => a - b);
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.ceil(share * this.#sorted.length) - 1)];
  }
}

const REFRESH = 16;
