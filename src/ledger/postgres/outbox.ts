import { randomUUID } from 'node:crypto';
import type { Backlog, Claim, Outbox, OutboxEntry, Outcome, SinkQueue } from '../../delivery/outbox.ts';
import type { Database, Queries, Row } from './database.ts';
import { eventOf } from './read-events.ts';

/** How long a claim is ours without a sign of life. Longer than any attempt of a sink. */
const LEASE = `interval '45 seconds'`;
const LEASE_MS = 45_000;
/** No event is left alone longer than this, whatever a clock that was set back makes of the times. */
const MOST = `interval '1 hour'`;
/** How often the database is asked for what other processes left. */
const POLL_MS = 5_000;
const RETRY_MS = 250;

/** What the outbox must know of its ledger. */
export interface LedgerState {
  /** Whether what is written is kept, here or there. */
  isKeeping(): boolean;
  /** Whether events are still on their way to the database. */
  isDraining(): boolean;
}

/** The outbox in PostgreSQL: a row per sink and event, taken under a lease by whichever process comes first. */
export class PostgresOutbox implements Outbox {
  readonly #database: Database;
  readonly #state: LedgerState;
  readonly #queues: Map<string, PostgresSinkQueue> = new Map();

  constructor(database: Database, state: LedgerState) {
    this.#database = database;
    this.#state = state;
  }

  get available(): boolean {
    return this.#state.isKeeping();
  }

  queue(sink: string): SinkQueue {
    let queue = this.#queues.get(sink);
    if (queue === undefined)
      this.#queues.set(sink, (queue = new PostgresSinkQueue(this.#database, this.#state, sink)));
    return queue;
  }

  /** Every sink of this process gets what is written from now on. */
  async register(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.register();
  }
}

class PostgresSinkQueue implements SinkQueue {
  readonly #database: Database;
  readonly #state: LedgerState;
  readonly #sink: string;
  readonly #owner: string = randomUUID();
  #registered = false;
  #parkedFirst = false;
  #backlog: Backlog = { pending: 0, dead: 0 };
  #counting = false;

  constructor(database: Database, state: LedgerState, sink: string) {
    this.#database = database;
    this.#state = state;
    this.#sink = sink;
  }

  async register(): Promise<void> {
    if (this.#registered) return;
    await this.#database.query('INSERT INTO outbox_sink (sink) VALUES ($1) ON CONFLICT DO NOTHING', [
      this.#sink,
    ]);
    this.#registered = true;
  }

  async claim(limit: number): Promise<Claim> {
    try {
      await this.register();
      const claim = await this.#database.transaction((query) => this.#claim(query, limit));
      void this.#count();
      if (claim.entries.length > 0 || !this.#state.isDraining()) return claim;
      return { entries: [], wait: { ms: RETRY_MS / 10, reason: 'leased' } };
    } catch {
      return { entries: [], wait: { ms: RETRY_MS, reason: 'held' } };
    }
  }

  settle(entries: readonly OutboxEntry[], outcome: Outcome): Promise<void> {
    const positions = entries.map(({ position }) => position);
    if (outcome.kind === 'sent')
      return this.#patiently('DELETE FROM outbox_entry WHERE position = ANY($1) AND lease_owner = $2', [
        positions,
        this.#owner,
      ]);
    const { message, status, response } = outcome.failure;
    return this.#patiently(
      `UPDATE outbox_entry SET state = $3, attempts = attempts + 1, lease_owner = NULL, lease_until = NULL,
         due_at = now() + $4 * interval '1 millisecond', failed_at = now(), error = $5, status = $6, response = $7
       WHERE position = ANY($1) AND lease_owner = $2`,
      [
        positions,
        this.#owner,
        outcome.kind === 'dead' ? 'dead' : 'parked',
        outcome.kind === 'dead' ? 0 : outcome.delayMs,
        clean(message),
        status ?? null,
        response === undefined ? null : clean(response),
      ],
    );
  }

  release(): Promise<void> {
    return this.#patiently(
      'UPDATE outbox_entry SET lease_owner = NULL, lease_until = NULL WHERE sink = $1 AND lease_owner = $2',
      [this.#sink, this.#owner],
    );
  }

  holdOff(delayMs: number): Promise<void> {
    return this.#patiently(
      `UPDATE outbox_sink SET hold_until = now() + least($2 * interval '1 millisecond', ${MOST}) WHERE sink = $1`,
      [this.#sink, delayMs],
    );
  }

  /** As it stood when last asked; the database is asked anew meanwhile. */
  backlog(): Backlog {
    void this.#count();
    return this.#backlog;
  }

  async #claim(query: Queries, limit: number): Promise<Claim> {
    const [hold] = await query(
      `SELECT extract(epoch FROM hold_until - now()) * 1000 AS ms FROM outbox_sink
       WHERE sink = $1 AND hold_until > now() AND hold_until <= now() + ${MOST}`,
      [this.#sink],
    );
    if (hold !== undefined) return { entries: [], wait: { ms: Number(hold.ms), reason: 'held' } };
    this.#parkedFirst = !this.#parkedFirst;
    for (const state of this.#parkedFirst ? ['parked', 'next'] : ['next', 'parked']) {
      const entries = await this.#take(query, state, limit);
      if (entries.length > 0) return { entries };
    }
    const [next] = await query(
      `SELECT extract(epoch FROM min(greatest(due_at, coalesce(lease_until, due_at))) - now()) * 1000 AS ms,
         bool_or(lease_until > now()) AS leased
       FROM outbox_entry WHERE sink = $1 AND state IN ('next', 'parked')`,
      [this.#sink],
    );
    const ms = next?.ms === null ? POLL_MS : Math.min(POLL_MS, Math.max(1, Number(next?.ms)));
    return {
      entries: [],
      wait:
        next?.leased === true ? { ms: Math.min(ms, RETRY_MS), reason: 'leased' } : { ms, reason: 'parked' },
    };
  }

  /** What was requeued goes together; what failed by itself goes by itself. Rows that another process takes are skipped. */
  async #take(query: Queries, state: string, limit: number): Promise<OutboxEntry[]> {
    const rows = await query(
      `WITH due AS (
         SELECT position FROM outbox_entry
         WHERE sink = $1 AND state = $2 AND (due_at <= now() OR failed_at > now() OR due_at > now() + ${MOST})
           AND (lease_until IS NULL OR lease_until < now() OR lease_until > now() + ${MOST})
         ORDER BY attempts > 0, position LIMIT $3 FOR UPDATE SKIP LOCKED
       ), taken AS (
         UPDATE outbox_entry o SET lease_owner = $4, lease_until = now() + ${LEASE} FROM due
         WHERE o.position = due.position RETURNING o.position, o.id, o.time, o.attempts, o.state AS entry_state
       )
       SELECT e.*, taken.position, taken.attempts, taken.entry_state
       FROM taken JOIN cost_event e ON e.id = taken.id AND e.time = taken.time ORDER BY taken.position`,
      [this.#sink, state, state === 'parked' ? 1 : limit, this.#owner],
    );
    return rows.map(entryOf);
  }

  async #count(): Promise<void> {
    if (this.#counting) return;
    this.#counting = true;
    try {
      const [row] = await this.#database.query(
        `SELECT count(*) FILTER (WHERE state <> 'dead') AS pending, count(*) FILTER (WHERE state = 'dead') AS dead,
           min(kept_at) FILTER (WHERE state <> 'dead') AS oldest FROM outbox_entry WHERE sink = $1`,
        [this.#sink],
      );
      this.#backlog = {
        pending: Number(row?.pending ?? 0),
        dead: Number(row?.dead ?? 0),
        ...(row?.oldest instanceof Date ? { oldest: row.oldest } : {}),
      };
    } catch {
      // What was known last is shown.
    } finally {
      this.#counting = false;
    }
  }

  /** What the sink answered is written down even when the database is away for a moment. */
  async #patiently(sql: string, values: readonly unknown[]): Promise<void> {
    const deadline = performance.now() + LEASE_MS;
    for (;;) {
      try {
        await this.#database.query(sql, values);
        void this.#count();
        return;
      } catch {
        if (performance.now() > deadline) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

function entryOf(row: Row): OutboxEntry {
  return {
    position: Number(row.position),
    event: eventOf(row),
    keptAt: row.kept_at instanceof Date ? row.kept_at : new Date(),
    attempts: Number(row.attempts),
    parked: row.entry_state === 'parked',
  };
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
