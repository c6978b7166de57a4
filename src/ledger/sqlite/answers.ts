import type { DatabaseSync } from 'node:sqlite';
import { CostspanError } from '../../base/errors.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import { checkCostQuery, checkEventQuery } from '../check-query.ts';
import { addParts } from '../cost-row.ts';
import type { CostQuery, CostRow, EventQuery } from '../ledger.ts';
import { background } from './background.ts';
import { explain } from './errors.ts';
import { planQuery } from './query.ts';
import type { Row } from './statement.ts';
import { readEvents } from './read-events.ts';
import { rollUpState } from './rebuild.ts';
import type { Sql } from './where.ts';

/** A ledger with fewer events is asked at once; a larger one beside the application's thread. */
const SMALL = 2_000;

/** What a ledger's file answers, whoever holds it open. */
export class Answers {
  readonly #path: string;
  readonly #database: () => DatabaseSync;
  readonly #beside: boolean;

  /**
   * `database` gives the open file with everything accepted so far in it, or throws. `beside`: what takes long is asked in
   * another thread, for an application that has more to do; a program that only wants the answer is faster without.
   */
  constructor(path: string, database: () => DatabaseSync, { beside }: { readonly beside: boolean }) {
    this.#path = path;
    this.#database = database;
    this.#beside = beside && path !== ':memory:';
  }

  async query(query: CostQuery): Promise<readonly CostRow[]> {
    const checked = checkCostQuery(query);
    try {
      const { context, complete, closed } = rollUpState(this.#database());
      const plan = planQuery(checked, complete ? context : undefined, closed);
      return addParts(plan.parts(await this.#ask(plan.statements)), checked);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async *events(query: EventQuery): AsyncGenerator<CostEvent, void> {
    const checked = checkEventQuery(query);
    try {
      const { context, complete } = rollUpState(this.#database());
      const ask = async (statement: Sql): Promise<readonly Row[]> => (await this.#ask([statement]))[0] ?? [];
      yield* readEvents(ask, checked, complete ? context : undefined);
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Asks in one snapshot; what another thread cannot answer, this one does. */
  async #ask(statements: readonly Sql[]): Promise<readonly (readonly Row[])[]> {
    const db = this.#database();
    if (this.#beside && isLarge(db)) {
      try {
        const rows = await background.do({ kind: 'read', path: this.#path, statements });
        if (rows !== undefined) return rows;
      } catch {
        // What is wrong with the file shows below, too.
      }
    }
    return askAtOnce(this.#database(), statements);
  }

  #explained(error: unknown): unknown {
    return error instanceof CostspanError ? error : explain(this.#path, error);
  }
}

function isLarge(db: DatabaseSync): boolean {
  return Number(db.prepare('SELECT max(seq) AS last FROM event').get()?.last ?? 0) > SMALL;
}

function askAtOnce(db: DatabaseSync, statements: readonly Sql[]): readonly (readonly Row[])[] {
  db.exec('BEGIN');
  try {
    return statements.map(({ sql, values }) => db.prepare(sql).all(...values));
  } finally {
    db.exec('COMMIT');
  }
}
