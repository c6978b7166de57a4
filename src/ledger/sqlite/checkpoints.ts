import { background } from './background.ts';
import type { OpenLedger } from './open-ledger.ts';

/** Events after which what was written is moved into the database file, in another thread. */
const CHECKPOINT_AFTER = 500;
/** Pages of the log at which this thread moves them itself: 80 MB, when the other one does not keep up. */
const LAST_CHECKPOINT_PAGES = 20_000;
/** What SQLite does where nobody says otherwise. */
const USUAL_CHECKPOINT_PAGES = 1_000;

/** Has another thread move what was written into the database file: that waits for the disk. */
export class Checkpoints {
  readonly #path: string;
  readonly #file: () => OpenLedger | undefined;
  #since = 0;
  #underWay = false;

  constructor(path: string, file: () => OpenLedger | undefined) {
    this.#path = path;
    this.#file = file;
  }

  /** So many events were written. */
  wrote(count: number): void {
    this.#since += count;
    if (this.#since < CHECKPOINT_AFTER || this.#underWay || this.#path === ':memory:') return;
    const moved = background.do({ kind: 'checkpoint', path: this.#path });
    if (moved === undefined) return;
    this.#underWay = true;
    this.#since = 0;
    moved
      .then(() => this.#file()?.checkpointAfter(LAST_CHECKPOINT_PAGES))
      // Then SQLite does it in this thread, as it does by itself.
      .catch(() => this.#file()?.checkpointAfter(USUAL_CHECKPOINT_PAGES))
      .finally(() => {
        this.#underWay = false;
      })
      .catch(() => undefined);
  }
}
