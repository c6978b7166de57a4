import { type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileName, flag, type KindsOf, optionsOf, required, text, wholeAbove0 } from '../base/options.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import type { CostEventSink } from '../delivery/sink.ts';

/** Options of `JsonlSink`. */
export interface JsonlSinkOptions {
  /** The file to append to, created when absent; its folder must exist. */
  readonly path: string;
  /** Before the file grows beyond this it is set aside as `costs.2026-11-20.jsonl`, `costs.2026-11-20.1.jsonl`, … Default: never. */
  readonly maxBytes?: number;
  /** The file is set aside when a new day begins, UTC. Default: `false`. */
  readonly daily?: boolean;
  /** How many files set aside are kept; older ones are deleted. Default: all. */
  readonly keep?: number;
  /** Each batch reaches the disk before it counts as delivered. Default: `false`, where a power cut may lose the last ones. */
  readonly fsync?: boolean;
  /** The name in `health()` and in the outbox. Default: `jsonl`. */
  readonly name?: string;
}

const OPTIONS: KindsOf<JsonlSinkOptions> = {
  path: required(fileName),
  maxBytes: wholeAbove0,
  daily: flag,
  keep: wholeAbove0,
  fsync: flag,
  name: text,
};

/**
 * Appends each event as one line of JSON, whole lines only. A file that was renamed or removed (`logrotate`) is
 * begun anew. Events may appear twice after a failure; readers deduplicate by `id`.
 *
 * @throws {ConfigError} for a wrong option.
 * @example
 * new CostSpanProcessor({ sinks: [new JsonlSink({ path: 'costs.jsonl', daily: true })] });
 */
export class JsonlSink implements CostEventSink {
  readonly name: string;
  readonly durable = true;
  readonly #path: string;
  readonly #options: JsonlSinkOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: JsonlSinkOptions) {
    this.#options = optionsOf('new JsonlSink', options, OPTIONS);
    this.name = options.name ?? 'jsonl';
    this.#path = resolve(options.path);
  }

  /** Rejects when the lines could not be written; delivery offers them again. */
  write(events: readonly CostEvent[]): Promise<void> {
    return this.#next(async () => {
      if (events.length > 0) await this.#append(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    });
  }

  flush(): Promise<void> {
    return this.#next(async () => {});
  }

  /** One thing at a time, so that lines never mix and nobody rotates a file in use. */
  #next(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => {});
    return next;
  }

  /**
   * Opens the file for each batch: it is always the one that bears the name now, and nothing is left open when
   * the process ends. Lines go out in one write, so that several processes may share a file.
   */
  async #append(lines: string): Promise<void> {
    const bytes = Buffer.from(lines);
    await this.#rotate(bytes.length);
    const file = await open(this.#path, 'a+');
    try {
      const { size } = await file.stat();
      if (await endsWithinLine(file, size)) await file.appendFile('\n');
      await file.appendFile(bytes);
      if (this.#options.fsync === true) await file.datasync();
    } finally {
      await file.close();
    }
  }

  async #rotate(bytes: number): Promise<void> {
    const { maxBytes = Number.POSITIVE_INFINITY, daily = false } = this.#options;
    if (maxBytes === Number.POSITIVE_INFINITY && !daily) return;
    const file = await stat(this.#path).catch(() => undefined);
    if (file === undefined || file.size === 0) return;
    const day = dayOf(file.mtime);
    if (file.size + bytes > maxBytes || (daily && day !== dayOf(new Date()))) await this.#setAside(day);
  }

  /** Gives the file its dated name. The name is reserved first, so that no other process's file is replaced. */
  async #setAside(day: string): Promise<void> {
    const extension = extname(this.#path);
    const stem = join(dirname(this.#path), basename(this.#path, extension));
    const target = await reserve((number) => `${stem}.${day}${number === 0 ? '' : `.${number}`}${extension}`);
    try {
      await rename(this.#path, target);
    } catch {
      await unlink(target); // Somebody else has set it aside just now.
      return;
    }
    await this.#deleteOldest(basename(stem), extension);
  }

  async #deleteOldest(stem: string, extension: string): Promise<void> {
    const { keep } = this.#options;
    if (keep === undefined) return;
    const folder = dirname(this.#path);
    const aside = (await readdir(folder)).filter(
      (name) =>
        name.startsWith(`${stem}.`) &&
        name.endsWith(extension) &&
        /^\d{4}-\d\d-\d\d(\.\d+)?$/.test(name.slice(stem.length + 1, name.length - extension.length)),
    );
    const dated = await Promise.all(
      aside.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
    );
    const oldest = dated.toSorted((a, b) => b.time - a.time || b.name.localeCompare(a.name)).slice(keep);
    await Promise.all(oldest.map(({ name }) => unlink(join(folder, name)).catch(() => {})));
  }
}

/** Creates the first of the names that is free. */
async function reserve(nameOf: (number: number) => string): Promise<string> {
  for (let number = 0; ; number++) {
    const name = nameOf(number);
    try {
      const file = await open(name, 'wx');
      await file.close();
      return name;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** Whether somebody stopped in the middle of a line. */
async function endsWithinLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
