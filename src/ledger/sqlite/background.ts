import { Worker } from 'node:worker_threads';
import type { Row } from './statement.ts';
import type { Sql } from './where.ts';

/** What the thread beside the application does with a ledger's file. */
type Work =
  | { readonly kind: 'read'; readonly path: string; readonly statements: readonly Sql[] }
  | { readonly kind: 'checkpoint'; readonly path: string }
  | { readonly kind: 'close'; readonly path: string };

type Answer = {
  readonly id: number;
  readonly result?: readonly (readonly Row[])[];
  readonly error?: unknown;
};

/**
 * One thread per process beside the application's own: it reads what takes long, and moves what was written from the
 * log into the database file, which waits for the disk. It is started when first needed and keeps no process alive.
 */
class Background {
  #worker: Worker | undefined;
  #next = 0;
  #missing = false;
  readonly #waiting = new Map<
    number,
    { resolve(rows: Answer['result']): void; reject(error: unknown): void }
  >();

  /** Undefined where no thread can be had (a runtime without them, `--permission`): the caller works by itself then. */
  do(work: Work): Promise<Answer['result']> | undefined {
    const worker = this.#start();
    if (worker === undefined) return undefined;
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Whoever awaits an answer keeps the process alive until it is there.
      if (work.kind !== 'checkpoint') worker.ref();
      worker.postMessage({ id, work }, []);
    });
  }

  /** Lets go of a file; nothing to do where no thread ever had it. */
  async close(path: string): Promise<void> {
    if (this.#worker === undefined) return;
    try {
      await this.do({ kind: 'close', path });
    } catch {
      // A thread that is gone holds no file.
    }
  }

  #start(): Worker | undefined {
    if (this.#worker !== undefined || this.#missing) return this.#worker;
    try {
      // As text, so that a bundle of the application has it, too. Bundlers that keep names call __name.
      const code = `const __name = (f) => f; (${serve.toString()})()`;
      const worker = new Worker(code, { eval: true, execArgv: [], env: {} });
      worker.unref();
      worker.on('message', (answer: Answer) => this.#settle(answer));
      worker.on('error', (error) => this.#stop(error));
      worker.on('exit', () => this.#stop(new Error('the thread ended')));
      this.#worker = worker;
    } catch {
      this.#missing = true;
    }
    return this.#worker;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(error);
  }

  #stop(error: unknown): void {
    this.#worker = undefined;
    this.#missing = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export const background: Background = new Background();

/** Runs in the thread; it is sent there as text, so it may use nothing from outside itself. */
function serve(): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  process.emitWarning = emitWarning;
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  type Opened = InstanceType<typeof DatabaseSync>;
  const readers = new Map<string, Opened>();
  const writers = new Map<string, Opened>();
  const opened = (databases: Map<string, Opened>, path: string, readOnly: boolean): Opened => {
    let db = databases.get(path);
    if (db === undefined) {
      db = new DatabaseSync(path, { readOnly });
      db.exec('PRAGMA busy_timeout = 5000');
      databases.set(path, db);
    }
    return db;
  };
  const read = (path: string, statements: readonly Sql[]): unknown => {
    const db = opened(readers, path, true);
    db.exec('BEGIN');
    try {
      return statements.map(({ sql, values }) => db.prepare(sql).all(...values));
    } finally {
      db.exec('COMMIT');
    }
  };
  const close = (path: string): void => {
    for (const databases of [readers, writers]) {
      databases.get(path)?.close();
      databases.delete(path);
    }
  };
  const perform = (work: Work): unknown => {
    if (work.kind === 'read') return read(work.path, work.statements);
    if (work.kind === 'close') return close(work.path);
    opened(writers, work.path, false).exec('PRAGMA wal_checkpoint(PASSIVE)');
    return undefined;
  };
  parentPort?.on('message', ({ id, work }: { id: number; work: Work }) => {
    try {
      parentPort.postMessage({ id, result: perform(work) }, []);
    } catch (error) {
      close(work.path);
      parentPort.postMessage({ id, error }, []);
    }
  });
}
