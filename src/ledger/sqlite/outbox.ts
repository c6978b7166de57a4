import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';
import type { Backlog, Claim, Outbox, OutboxEntry, Outcome, SinkQueue } from '../../delivery/outbox.ts';
import type { MaybePromise } from '../../base/promises.ts';
import { transaction } from '../transaction.ts';
import type { DatabaseAccess } from './access.ts';
import { isLock } from '../transaction.ts';
import { eventFromRow } from '../event-row.ts';
import { EVENT_COLUMNS, EVENT_TABLES } from './read-events.ts';

/** How long a claim is ours without a sign of life. Longer than any attempt of a sink. */
const LEASE_MS = 45_000;
/**
 * No sink or event is left alone longer than this, whatever a clock that was set back makes of the times in the file.
 * Longer than any back-off.
 */
const MAX_HOLD_MS = 3_600_000;

/** The outbox in the tables of a ledger file. */
export class SqliteOutbox implements Outbox {
  readonly #access: DatabaseAccess;
  readonly #queues: Map<string, SqliteSinkQueue> = new Map();

  constructor(access: DatabaseAccess) {
    this.#access = access;
  }

  get available(): boolean {
    return this.#access.usable();
  }

  queue(sink: string): SinkQueue {
    const known = this.#queues.get(sink);
    if (known !== undefined) return known;
    const created = new SqliteSinkQueue(this.#access, sink);
    this.#queues.set(sink, created);
    return created;
  }
}

export const REGISTER_SINK = `INSERT INTO outbox_sink (sink, cursor) SELECT ?, coalesce(max(seq), 0) FROM event WHERE true
  ON CONFLICT (sink) DO NOTHING`;

class SqliteSinkQueue implements SinkQueue {
  readonly #access: DatabaseAccess;
  readonly #sink: string;
  /** Host and process tell others whether the holder of a lease is still alive; the id tells threads apart. */
  readonly #owner: string = `${hostname()}/${process.pid}/${randomUUID()}`;
  #parkedFirst = false;

  constructor(access: DatabaseAccess, sink: string) {
    this.#access = access;
    this.#sink = sink;
    this.#guarded(undefined, (db) => transaction(db, () => this.#register(db)));
  }

  claim(limit: number): Claim {
    return this.#guarded<Claim>(
      { entries: [] },
      (db) => {
        const wait = transaction(db, () => this.#lease(db));
        if (wait !== undefined) return { entries: [], wait };
        const entries = this.#due(db, limit);
        return entries.length > 0 ? { entries } : this.#nextDue(db);
      },
      LOCKED,
    );
  }

  settle(entries: readonly OutboxEntry[], outcome: Outcome): MaybePromise<void> {
    return this.#patiently((db) => {
      if (!this.#extend(db)) return; // Another process took over: it answers for these events now.
      for (const entry of entries) this.#settleEntry(db, entry, outcome);
      const last = entries.findLast((entry) => !entry.parked);
      if (last === undefined) return;
      db.prepare('UPDATE outbox_sink SET cursor = ? WHERE sink = ? AND cursor < ?').run(
        last.position,
        this.#sink,
        last.position,
      );
    });
  }

  release(): MaybePromise<void> {
    return this.#patiently((db) =>
      db
        .prepare('UPDATE outbox_sink SET lease_owner = NULL WHERE sink = ? AND lease_owner = ?')
        .run(this.#sink, this.#owner),
    );
  }

  holdOff(delayMs: number): MaybePromise<void> {
    return this.#patiently((db) =>
      db
        .prepare('UPDATE outbox_sink SET hold_until = ? WHERE sink = ?')
        .run(Date.now() + Math.min(delayMs, MAX_HOLD_MS), this.#sink),
    );
  }

  /** Counts that are kept as entries come and go: asking costs the same whatever waits. */
  backlog(): Backlog {
    return this.#guarded<Backlog>({ pending: 0, dead: 0 }, (db) => {
      const row = db.prepare(BACKLOG).get(this.#sink);
      const pending = Number(row?.next ?? 0) + Number(row?.parked ?? 0);
      const times = [row?.next_kept_at, row?.parked_kept_at].filter((time) => typeof time === 'number');
      return {
        pending,
        dead: Number(row?.dead ?? 0),
        ...(times.length === 0 ? {} : { oldest: new Date(Math.min(...times)) }),
      };
    });
  }

  /** A sink that is new to this ledger gets what is kept from now on; the past stays where it is. */
  #register(db: DatabaseSync): void {
    db.prepare(REGISTER_SINK).run(this.#sink);
  }

  /** Takes the lease; else says why not, and when to ask again. */
  #lease(db: DatabaseSync): Claim['wait'] {
    this.#register(db);
    const row = db.prepare('SELECT * FROM outbox_sink WHERE sink = ?').get(this.#sink);
    const now = Date.now();
    const held = left(row?.hold_until, now, MAX_HOLD_MS);
    if (held > 0) return { ms: held, reason: 'held' };
    const owner = row?.lease_owner;
    const leased = left(row?.lease_until, now, LEASE_MS);
    if (typeof owner === 'string' && owner !== this.#owner && leased > 0 && isAlive(owner)) {
      return { ms: Math.min(leased, 250), reason: 'leased' };
    }
    db.prepare('UPDATE outbox_sink SET lease_owner = ?, lease_until = ? WHERE sink = ?').run(
      this.#owner,
      now + LEASE_MS,
      this.#sink,
    );
    return undefined;
  }

  #extend(db: DatabaseSync): boolean {
    return (
      db
        .prepare('UPDATE outbox_sink SET lease_until = ? WHERE sink = ? AND lease_owner = ?')
        .run(Date.now() + LEASE_MS, this.#sink, this.#owner).changes > 0
    );
  }

  /** What was set aside and is due takes turns with what comes next, so that neither holds up the other. */
  #due(db: DatabaseSync, limit: number): OutboxEntry[] {
    this.#parkedFirst = !this.#parkedFirst;
    const [first, second] = this.#parkedFirst
      ? [this.#parked(db, limit), () => this.#next(db, limit)]
      : [this.#next(db, limit), () => this.#parked(db, limit)];
    return first.length > 0 ? first : second();
  }

  /** What was requeued goes together; what failed by itself goes by itself. */
  #parked(db: DatabaseSync, limit: number): OutboxEntry[] {
    const entries = db
      .prepare(
        `SELECT ${EVENT_COLUMNS}, o.attempts FROM ${EVENT_TABLES} JOIN outbox_entry o ON o.seq = e.seq
         WHERE o.sink = ?1 AND o.state = 'parked' AND (o.due_at <= ?2 OR o.failed_at > ?2 OR o.due_at > ?3)
         ORDER BY o.attempts > 0, o.due_at, o.seq LIMIT ?4`,
      )
      .all(this.#sink, Date.now(), Date.now() + MAX_HOLD_MS, limit)
      .map((row) => entryOf(row, true));
    const requeued = entries.filter(({ attempts }) => attempts === 0);
    return requeued.length > 0 ? requeued : entries.slice(0, 1);
  }

  #next(db: DatabaseSync, limit: number): OutboxEntry[] {
    return db
      .prepare(
        `SELECT ${EVENT_COLUMNS}, 0 AS attempts FROM ${EVENT_TABLES}
         WHERE e.seq > (SELECT cursor FROM outbox_sink WHERE sink = ?) ORDER BY e.seq LIMIT ?`,
      )
      .all(this.#sink, limit)
      .map((row) => entryOf(row, false));
  }

  #nextDue(db: DatabaseSync): Claim {
    const row = db
      .prepare(`SELECT min(due_at) AS due FROM outbox_entry WHERE sink = ? AND state = 'parked'`)
      .get(this.#sink);
    const due = row?.due;
    if (typeof due !== 'number') return { entries: [] };
    return { entries: [], wait: { ms: Math.max(1, left(due, Date.now(), MAX_HOLD_MS)), reason: 'parked' } };
  }

  #settleEntry(db: DatabaseSync, entry: OutboxEntry, outcome: Outcome): void {
    if (outcome.kind === 'sent') {
      if (!entry.parked) return;
      db.prepare('DELETE FROM outbox_entry WHERE sink = ? AND seq = ?').run(this.#sink, entry.position);
      return;
    }
    const now = Date.now();
    const { message, status, response } = outcome.failure;
    db.prepare(
      `INSERT INTO outbox_entry (sink, seq, state, attempts, due_at, failed_at, error, status, response)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sink, seq) DO UPDATE SET state = excluded.state,
       attempts = excluded.attempts, due_at = excluded.due_at, failed_at = excluded.failed_at,
       error = excluded.error, status = excluded.status, response = excluded.response`,
    ).run(
      this.#sink,
      entry.position,
      outcome.kind === 'dead' ? 'dead' : 'parked',
      entry.attempts + 1,
      outcome.kind === 'dead' ? now : now + outcome.delayMs,
      now,
      message,
      status ?? null,
      response ?? null,
    );
  }

  /** What the sink answered is written down even when another process has the file locked right now. */
  #patiently(work: (db: DatabaseSync) => unknown): MaybePromise<void> {
    const attempt = (): boolean =>
      this.#guarded(
        true,
        (db) =>
          transaction(db, () => {
            work(db);
            return true;
          }),
        false,
      );
    if (attempt()) return;
    return (async () => {
      const deadline = performance.now() + LEASE_MS;
      do await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
      while (!attempt() && performance.now() < deadline);
    })();
  }

  #guarded<T>(otherwise: T, work: (db: DatabaseSync) => T, locked: T = otherwise): T {
    const db = this.#access.database();
    if (db === undefined) return otherwise;
    try {
      return work(db);
    } catch (error) {
      this.#access.failed(error);
      return isLock(error) ? locked : otherwise;
    }
  }
}

/** Another process's transaction is in the way: it may be asked again soon. */
const LOCK_RETRY_MS = 20;
const LOCKED: Claim = { entries: [], wait: { ms: LOCK_RETRY_MS, reason: 'leased' } };

const BACKLOG = `SELECT (SELECT coalesce(max(seq), 0) FROM event) - cursor AS next, parked, dead,
    (SELECT kept_at FROM event WHERE seq = cursor + 1) AS next_kept_at,
    (SELECT kept_at FROM event WHERE seq =
      (SELECT min(seq) FROM outbox_entry e WHERE e.sink = s.sink AND state = 'parked')) AS parked_kept_at
  FROM outbox_sink s WHERE sink = ?`;

function entryOf(row: Record<string, unknown>, parked: boolean): OutboxEntry {
  return {
    position: Number(row.seq),
    event: eventFromRow(row),
    keptAt: new Date(Number(row.kept_at)),
    attempts: Number(row.attempts),
    parked,
  };
}

/** Milliseconds until then; a time further off than anyone writes is the work of a clock that was set back. */
function left(until: unknown, now: number, most: number): number {
  const rest = typeof until === 'number' ? until - now : 0;
  return rest > most ? 0 : Math.max(0, rest);
}

/** Whether the process behind a lease may still be at work; of other machines nobody knows. */
function isAlive(owner: string): boolean {
  const [host, pid] = owner.split('/');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
