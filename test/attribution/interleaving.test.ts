import { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attributionOf, withoutCostEntries } from '../../src/attribution/who-pays.ts';
import { callerContext, runInContext } from '../../src/attribution/caller-context.ts';
import {
  runWithAttribution,
  snapshotAttribution,
  updateCostContext,
  withCostContext,
  withCustomer,
} from '../../src/attribution/scope.ts';

/** Mulberry32: the same interleaving every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Heard {
  readonly customer: string | null | undefined;
  readonly context: unknown;
}

/** One client for all, as a patched SDK: reads the attribution when called, then works in the provider's context. */
class Client {
  readonly heard = new Map<string, Heard>();
  readonly #random = random(1);

  async create(id: string): Promise<void> {
    this.#hear(id);
    await runInContext(withoutCostEntries(callerContext()), () => this.#work());
  }

  async *stream(id: string): AsyncGenerator<number> {
    this.#hear(id);
    for (let chunk = 0; chunk < 3; chunk++) {
      await runInContext(withoutCostEntries(callerContext()), () => this.#work());
      yield chunk;
    }
  }

  #hear(id: string): void {
    const { customer, context } = attributionOf(callerContext());
    this.heard.set(id, { customer, context });
  }

  async #work(): Promise<void> {
    if (this.#random() < 0.5) await turn();
    else await sleep(this.#random() * 3);
  }
}

const CALLS = 1000;
const CUSTOMERS = 500;

describe.each(['with a context manager', 'without any SDK'])('%s', (setup) => {
  beforeEach(() => {
    if (setup === 'with a context manager') {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    }
  });
  afterEach(() => context.disable());

  it('bills 1,000 interleaved calls of 500 customers right, streamed, nested, detached and resumed', async () => {
    const client = new Client();
    const expected = new Map<string, Heard>();
    const expectCall = (id: string, customer: string | null | undefined, values: object): string => {
      expected.set(id, { customer, context: values });
      return id;
    };
    const emitter = new EventEmitter();
    const detached: Promise<unknown>[] = [];

    const drive = async (index: number): Promise<void> => {
      const customer = `customer-${index % CUSTOMERS}`;
      const feature = index % 7;
      const plain = { feature };
      await withCustomer(customer, plain, async () => {
        if (index % 2 === 0) await client.create(expectCall(`${index}`, customer, plain));
        else for await (const _ of client.stream(expectCall(`${index}`, customer, plain))) await turn();
        await withCostContext({ step: 'nested' }, () =>
          client.create(expectCall(`${index}n`, customer, { feature, step: 'nested' })),
        );
        await withCustomer(null, () => client.create(expectCall(`${index}nobody`, null, plain)));
        const late = expectCall(`${index}late`, customer, { ...plain, updated: index });
        detached.push(sleep(index % 20).then(() => client.create(late)));
        updateCostContext({ updated: index });
        const snapshot = snapshotAttribution();
        const event = expectCall(`${index}event`, customer, { ...plain, updated: index });
        emitter.once(`resume ${index}`, () => {
          detached.push(runWithAttribution(snapshot, () => client.create(event)));
        });
      });
      await client.create(expectCall(`${index}after`, undefined, {}));
    };

    await Promise.all(Array.from({ length: CALLS }, (_, index) => drive(index)));
    for (let index = 0; index < CALLS; index++) emitter.emit(`resume ${index}`);
    await Promise.all(detached);

    const wrong = [...expected].filter(
      ([id, call]) => JSON.stringify(client.heard.get(id)) !== JSON.stringify(call),
    );
    expect(wrong).toEqual([]);
    expect(client.heard.size).toBe(6 * CALLS);
  });
});

it('bills interleaved calls of customers named in baggage right', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const client = new Client();
  await Promise.all(
    Array.from({ length: CALLS }, (_, index) => {
      const baggage = propagation.createBaggage({ 'costspan.customer': { value: `customer-${index}` } });
      return context.with(propagation.setBaggage(context.active(), baggage), async () => {
        await client.create(`${index}`);
        await client.create(`${index}again`);
      });
    }),
  );
  context.disable();
  const wrong = [...client.heard].filter(
    ([id, { customer }]) => customer !== `customer-${Number.parseInt(id)}`,
  );
  expect(wrong).toEqual([]);
  expect(client.heard.size).toBe(2 * CALLS);
});
