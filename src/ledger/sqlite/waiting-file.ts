import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { attempt } from '../../base/attempt.ts';
import { type CostEvent, costEventFromJson } from '../../metering/cost-event.ts';

/**
 * Where events stand that a locked ledger could not take at once, so that a process that is killed meanwhile loses none:
 * a file of JSON lines beside the ledger, of this process alone, and gone when the ledger has them.
 */
export class WaitingFile {
  readonly #path: string;
  /** So many of the waiting events, from the first on, are written down. */
  #kept = 0;
  #isThere = false;

  constructor(ledger: string) {
    this.#path = `${ledger}${MARK}${OWNER}`;
  }

  /** Writes down those of the waiting events that are not yet: all but the first that were. Never throws. */
  keep(waiting: readonly CostEvent[]): void {
    this.#kept = Math.min(this.#kept, waiting.length);
    const lines = waiting.slice(this.#kept).map((event) => `${JSON.stringify(event)}\n`);
    if (lines.length === 0) return;
    attempt('write down events that wait for the ledger', () => {
      appendFileSync(this.#path, lines.join(''));
      this.#isThere = true;
      this.#kept = waiting.length;
    });
  }

  /** The ledger took the first so many of them. */
  took(count: number): void {
    this.#kept = Math.max(0, this.#kept - count);
  }

  /** Others were put before those that wait: all are written down again, which is once too often for some. */
  restart(): void {
    this.#kept = 0;
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#kept = 0;
    if (!this.#isThere) return;
    this.#isThere = false;
    attempt('remove what the ledger has', () => rmSync(this.#path, { force: true }));
  }
}

/** What a process left behind that is no more. `done` is called when the ledger has it. */
export interface LeftBehind {
  readonly events: readonly CostEvent[];
  done(): void;
}

/**
 * The events that processes wrote down beside a ledger and did not live to hand over. `isStart`: this process has written
 * nothing yet, so a file under its number is of an earlier one: in containers, every process has the number 1.
 */
export function leftBehind(ledger: string, isStart: boolean): readonly LeftBehind[] {
  const folder = dirname(ledger);
  const prefix = basename(ledger) + MARK;
  const names = attempt('look for what others left', () => readdirSync(folder)) ?? [];
  return names
    .filter((name) => name.startsWith(prefix) && !UNREADABLE.has(join(folder, name)))
    .filter((name) => {
      const owner = name.slice(prefix.length);
      return owner === OWNER ? isStart : !isAlive(owner);
    })
    .map((name) => readLeftBehind(join(folder, name)));
}

const MARK = '-waiting-';
const OWNER = `${process.pid}-${threadId}`;

/** Whether the process that wrote a file still runs, told by its number. */
function isAlive(owner: string): boolean {
  const pid = Number.parseInt(owner, 10);
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not permitted: it is somebody else's, and there.
    return (error as { readonly code?: unknown }).code === 'EPERM';
  }
}

/** A file that cannot be read in full stays where it is, for the next process: only what the ledger has is removed. */
function readLeftBehind(path: string): LeftBehind {
  const text = attempt('read what others left', () => readFileSync(path, 'utf8'));
  // A last line may be half written: its call had not returned yet.
  const lines = text?.split('\n').slice(0, -1) ?? [];
  const events = lines.map((line) =>
    attempt(`read an event in ${path}`, () => costEventFromJson(JSON.parse(line))),
  );
  if (text === undefined || events.includes(undefined)) UNREADABLE.add(path);
  return {
    events: events.filter((event) => event !== undefined),
    done: () => {
      if (!UNREADABLE.has(path)) attempt('remove what is kept', () => rmSync(path, { force: true }));
    },
  };
}

/** Looked at once, and said once. */
const UNREADABLE = new Set<string>();
