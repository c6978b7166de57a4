import { join } from '../../src/base/process.ts';
import { callHub } from '../../src/calls/hub.ts';
import { type SettledCall, usageOf, usageSourceOf } from '../../src/calls/call.ts';
import type { Usage } from '../../src/usage/usage.ts';

/** A finished call, and what it consumed in the event's words. */
export interface HeardCall extends SettledCall {
  readonly usage: Usage;
  readonly usageSource: 'provider' | 'estimated' | 'none';
  readonly consumedNothing: boolean;
}

/** Listens to finished calls until disposed. */
export class HeardCalls implements Disposable {
  readonly calls: HeardCall[] = [];
  readonly #leave: () => void;

  constructor() {
    this.#leave = join(callHub().listeners, {
      record: (call) => {
        const consumedNothing = call.consumed.kind === 'nothing';
        this.calls.push({ ...call, usage: usageOf(call), usageSource: usageSourceOf(call), consumedNothing });
        return undefined;
      },
    });
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  /** The only call heard; waits for it a moment. */
  async only(): Promise<HeardCall> {
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
