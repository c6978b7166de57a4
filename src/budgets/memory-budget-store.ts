import { add, type Exact, exact, formatDecimal, ZERO } from '../base/decimal.ts';
import { hasPassed, roomFor } from '../ledger/budget-rules.ts';
import type {
  BudgetDefinitions,
  BudgetNotices,
  BudgetStore,
  CounterKey,
  CounterState,
  HoldRequest,
  HoldResult,
  SettleRequest,
  StoredCounter,
  StoredCustomer,
  StoredNotice,
  ThresholdCrossing,
} from '../ledger/budget-store.ts';

/**
 * Budgets of one process, without a ledger: they end with it. Also the plainest statement of the protocol, which the
 * databases are tested against.
 */
export class MemoryBudgetStore implements BudgetStore {
  readonly #parts = new Map<string, Part>();
  readonly #holds = new Map<string, Hold[]>();
  readonly #settled = new Set<string>();
  readonly #crossed = new Set<string>();
  readonly #defined = new Map<string, string>();
  readonly #notices = new Map<string, StoredNotice & { dueAt: number }>();

  hold({ callId, now, expiresAt, entries }: HoldRequest): HoldResult {
    this.#expire(now);
    const holds: Hold[] = [];
    for (const entry of entries) {
      const { spent, held } = this.#sum(entry);
      const amount = roomFor(entry, spent, held);
      if (amount === undefined) {
        const { counter } = entry;
        return { admitted: false, counter, spent: formatDecimal(spent), held: formatDecimal(held) };
      }
      const { counter, bucket } = entry;
      holds.push({ counter, bucket, amount, expiresAt: expiresAt.getTime() });
    }
    this.#holds.set(callId, holds);
    return { admitted: true };
  }

  renew(callId: string, expiresAt: Date, now: Date): void {
    this.#expire(now);
    for (const hold of this.#holds.get(callId) ?? []) hold.expiresAt = expiresAt.getTime();
  }

  release(callId: string): void {
    this.#holds.delete(callId);
  }

  settle({ callId, eventId, entries }: SettleRequest): readonly ThresholdCrossing[] {
    this.#holds.delete(callId);
    if (this.#settled.has(eventId)) return [];
    this.#settled.add(eventId);
    return entries.flatMap((entry) => {
      const part = this.#part(entry);
      part.spent = add(part.spent, exact(entry.amount));
      part.scope = entry.scope;
      const { spent } = this.#sum(entry);
      return entry.thresholds.flatMap((percent) => {
        const mark = `${entry.counter}|${entry.from}|${percent}`;
        if (this.#crossed.has(mark) || !hasPassed(spent, exact(entry.limit), percent)) return [];
        this.#crossed.add(mark);
        return [{ counter: entry.counter, percent, spent: formatDecimal(spent) }];
      });
    });
  }

  read(keys: readonly CounterKey[], now: Date): readonly CounterState[] {
    return keys.map((key) => {
      const { spent, held } = this.#sum(key, now);
      return { counter: key.counter, spent: formatDecimal(spent), held: formatDecimal(held) };
    });
  }

  counters(budgetId: string, from: number): readonly StoredCounter[] {
    return [...this.#parts.values()]
      .filter((part) => part.budgetId === budgetId && part.bucket >= from)
      .sort((a, b) => b.bucket - a.bucket)
      .map(({ counter, scope, bucket, spent }) => ({ counter, scope, bucket, spent: formatDecimal(spent) }));
  }

  customers(): { readonly total: number; readonly changed: readonly StoredCustomer[] } {
    return { total: 0, changed: [] };
  }

  readonly definitions: BudgetDefinitions = {
    list: () => [...this.#defined].map(([id, definition]) => ({ id, definition })),
    put: (id, definition) => void this.#defined.set(id, definition),
    remove: (id) => this.#defined.delete(id),
  };

  readonly notices: BudgetNotices = {
    add: (notice) => void this.#notices.set(notice.id, { ...notice, dueAt: 0 }),
    claim: (now, until, limit) => {
      const due = [...this.#notices.values()].filter(
        (notice) => !notice.told && notice.dueAt <= now.getTime(),
      );
      for (const notice of due.slice(0, limit)) notice.dueAt = until.getTime();
      return due.slice(0, limit);
    },
    done: (id) => this.#change(id, { told: true }),
    retry: (id, dueAt) => {
      const attempts = (this.#notices.get(id)?.attempts ?? 0) + 1;
      this.#change(id, { attempts, dueAt: dueAt.getTime() });
    },
    history: (limit) => [...this.#notices.values()].slice(-limit).toReversed(),
  };

  #change(id: string, change: Partial<StoredNotice & { dueAt: number }>): void {
    const notice = this.#notices.get(id);
    if (notice !== undefined) this.#notices.set(id, { ...notice, ...change });
  }

  #part({ budgetId, counter, bucket }: CounterKey): Part {
    const key = `${counter}|${bucket}`;
    let part = this.#parts.get(key);
    if (part === undefined)
      this.#parts.set(key, (part = { budgetId, counter, bucket, spent: ZERO, scope: '{}' }));
    return part;
  }

  /** Holds that have expired by `now` no longer count. */
  #sum({ counter, from, to }: CounterKey, now?: Date): { spent: Exact; held: Exact } {
    let spent = ZERO;
    let held = ZERO;
    for (const part of this.#parts.values())
      if (part.counter === counter && part.bucket >= from && part.bucket < to) spent = add(spent, part.spent);
    for (const holds of this.#holds.values())
      for (const hold of holds)
        if (
          hold.counter === counter &&
          hold.bucket >= from &&
          hold.bucket < to &&
          hold.expiresAt > (now?.getTime() ?? 0)
        )
          held = add(held, hold.amount);
    return { spent, held };
  }

  #expire(now: Date): void {
    for (const [callId, holds] of this.#holds)
      if (holds.every(({ expiresAt }) => expiresAt <= now.getTime())) this.#holds.delete(callId);
  }
}

interface Part {
  readonly budgetId: string;
  readonly counter: string;
  readonly bucket: number;
  spent: Exact;
  scope: string;
}

interface Hold {
  readonly counter: string;
  readonly bucket: number;
  readonly amount: Exact;
  expiresAt: number;
}
