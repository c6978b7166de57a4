import { CostspanError } from '../../base/errors.ts';
import type { OpenedLedger } from '../ledger.ts';
import { Database } from './database.ts';
import { PostgresOutboxAdmin } from './outbox-admin.ts';
import { PostgresLedger } from './postgres-ledger.ts';

/** A PostgreSQL ledger for a program that wants an answer rather than to go on without one. */
export class OpenedPostgresLedger extends PostgresLedger implements OpenedLedger {
  readonly outboxAdmin: PostgresOutboxAdmin;
  readonly #database: Database;

  constructor(connectionString: string) {
    super({ connectionString, spool: false });
    this.#database = new Database(connectionString, 'costspan');
    this.outboxAdmin = new PostgresOutboxAdmin(this.#database);
  }

  /** @throws {CostspanError} `LEDGER_UNUSABLE` when what was written could not be kept. */
  override async flush(): Promise<void> {
    await super.flush();
    const { status, lastError } = this.health();
    if (status !== 'ok')
      throw new CostspanError('LEDGER_UNUSABLE', lastError ?? 'The PostgreSQL ledger cannot be used.');
  }

  override async shutdown(): Promise<void> {
    await super.shutdown().catch(() => undefined);
    await this.#database.close();
  }
}
