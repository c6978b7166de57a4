import { type CallListener, callHub } from '../../src/providers/call-hub.ts';
import type { SettledCall } from '../../src/providers/call.ts';

/** Listens to finished calls until disposed. */
export class HeardCalls implements Disposable {
  readonly calls: SettledCall[] = [];
  readonly #listener: CallListener = {
    record: (call) => {
      this.calls.push(call);
      return undefined;
    },
  };

  constructor() {
    callHub().listeners.add(this.#listener);
  }

  [Symbol.dispose](): void {
    callHub().listeners.delete(this.#listener);
  }

  /** The only call heard; waits for it a moment. */
  async only(): Promise<SettledCall> {
    await this.count(1);
    return this.calls[0]!;
  }

  /** Waits until `count` calls were heard, then a little longer for one too many. */
  async count(count: number): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (this.calls.length < count && Date.now() < deadline) await sleep(5);
    await sleep(20);
    if (this.calls.length !== count)
      throw new Error(`expected ${count} finished calls, heard ${this.calls.length}`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
