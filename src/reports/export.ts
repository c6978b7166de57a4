import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, unlink, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { add, type Exact, exact, formatDecimal, ZERO } from '../base/decimal.ts';
import { ConfigError, CostspanError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import type { CostLedger, EventFilter } from '../ledger/ledger.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { accountingCsv } from './accounting-csv.ts';
import { focusLines } from './focus-csv.ts';
import { parquetParts } from './parquet.ts';
import type { Window } from './period.ts';
import { notWritten } from './whole-file.ts';

export const EXPORT_FORMATS = ['accounting', 'focus', 'json', 'ndjson', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  readonly window: Window;
  /** Default: `UTC`. */
  readonly timeZone?: string;
  /** Which calls of the window. Default: all. */
  readonly filter?: EventFilter;
  /** Context entries that become FOCUS tags. */
  readonly tags?: readonly string[];
  /** The month that the window is, for accounting. */
  readonly month?: string;
  readonly currency?: string;
  /** Is told of each event on its way, for a progress bar. */
  readonly hear?: (event: CostEvent) => void;
}

/** What is in a file, for whoever loads it: the same window of the same events gives the same bytes. */
export interface ExportManifest {
  readonly file: string;
  readonly format: ExportFormat;
  readonly gzip: boolean;
  readonly window: { readonly start: string; readonly end: string; readonly time_zone: string };
  /** Which calls, where not all of the window. */
  readonly filter?: EventFilter;
  /** Records: lines of CSV without the header, or events. */
  readonly rows: number;
  /** The exact sum per currency. */
  readonly sum: Readonly<Record<string, string>>;
  /** Calls whose cost is unknown; FOCUS has no row for them. */
  readonly unpriced: number;
  readonly bytes: number;
  /** Of the file as it lies on the disk. */
  readonly sha256: string;
}

/** What an export has counted so far. */
export class ExportCounts {
  rows = 0;
  unpriced = 0;
  readonly #sums = new Map<string, Exact>();

  add({ cost }: CostEvent): void {
    if (cost.status === 'unpriced') this.unpriced += 1;
    if (cost.amount === undefined) return;
    const currency = cost.currency ?? 'USD';
    this.#sums.set(currency, add(this.#sums.get(currency) ?? ZERO, exact(cost.amount)));
  }

  addSum(currency: string, amount: string): void {
    this.#sums.set(currency, add(this.#sums.get(currency) ?? ZERO, exact(amount)));
  }

  get sum(): Record<string, string> {
    return Object.fromEntries([...this.#sums].map(([currency, sum]) => [currency, formatDecimal(sum)]));
  }
}

/**
 * A text export piece by piece: memory stays flat however many events there are.
 *
 * @throws {ConfigError} for `parquet`, which is no text: see `exportToFile`.
 */
export async function* exportLines(
  ledger: Pick<CostLedger, 'events' | 'query'>,
  options: ExportOptions,
  counts: ExportCounts = new ExportCounts(),
): AsyncIterable<string> {
  const { format, window, timeZone = 'UTC', tags, filter = {}, hear = () => {} } = options;
  const zone = timeZone === 'UTC' ? {} : { timeZone };
  const told = (event: CostEvent): void => {
    counts.add(event);
    hear(event);
  };
  if (format === 'parquet')
    throw new ConfigError('exportLines: Parquet is no text; exportToFile and --out <file> write it.');
  if (format === 'focus') {
    const lines = focusLines(ledger, { ...window, ...zone, filter, ...known({ tags }) }, told);
    for await (const part of lines) yield counted(part, counts, part.startsWith('AvailabilityZone,'));
  } else if (format === 'accounting') {
    const csv = await accountingCsv(ledger, {
      ...zone,
      filter,
      ...known({ month: options.month, currency: options.currency }),
    });
    for (const row of await ledger.query({ ...filter, ...window })) {
      if (options.currency === undefined || row.currency === options.currency)
        counts.addSum(row.currency, row.amount);
      counts.unpriced += row.unpriced;
    }
    yield counted(csv, counts, true);
  } else yield* eventLines(ledger.events({ ...filter, ...window }), format === 'json', counts, told);
}

async function* eventLines(
  events: AsyncIterable<CostEvent>,
  isList: boolean,
  counts: ExportCounts,
  told: (event: CostEvent) => void,
): AsyncIterable<string> {
  if (isList) yield '[';
  for await (const event of events) {
    told(event);
    yield `${isList ? (counts.rows === 0 ? '\n' : ',\n') : ''}${JSON.stringify(event)}${isList ? '' : '\n'}`;
    counts.rows += 1;
  }
  if (isList) yield '\n]\n';
}

function parquetRows(
  ledger: Pick<CostLedger, 'events'>,
  { window, filter = {}, hear = () => {} }: ExportOptions,
  counts: ExportCounts,
): AsyncIterable<Uint8Array> {
  return parquetParts(ledger.events({ ...filter, ...window }), (event) => {
    counts.add(event);
    counts.rows += 1;
    hear(event);
  });
}

/** Records end in `\r\n`; a line break inside a quoted cell may be one as well, so quotes are counted. */
function counted(csv: string, counts: ExportCounts, hasHeader: boolean): string {
  let isQuoted = false;
  let records = 0;
  for (let at = 0; at < csv.length; at++) {
    const code = csv.charCodeAt(at);
    if (code === 34) isQuoted = !isQuoted;
    else if (code === 10 && !isQuoted) records += 1;
  }
  counts.rows += records - Number(hasHeader);
  return csv;
}

/**
 * Writes an export to a file, and beside it `<file>.manifest.json`. The file bears its name only when it is whole: a disk
 * that fills up, or a process that ends, leaves what was there before.
 *
 * @throws {CostspanError} `EXPORT_FAILED`.
 */
export async function exportToFile(
  ledger: Pick<CostLedger, 'events' | 'query'>,
  path: string,
  options: ExportOptions & { readonly gzip?: boolean },
): Promise<ExportManifest> {
  const { format, window, timeZone = 'UTC', gzip = false, filter = {} } = options;
  if (format === 'parquet' && gzip)
    throw new ConfigError('A Parquet file is compressed inside already: leave out gzip.');
  const counts = new ExportCounts();
  const part = `${path}.part-${process.pid}`;
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const lines = Readable.from(
      format === 'parquet' ? parquetRows(ledger, options, counts) : exportLines(ledger, options, counts),
    );
    const file = createWriteStream(part, { flags: 'w', flush: true });
    if (gzip) await pipeline(lines, createGzip(), measure, file);
    else await pipeline(lines, measure, file);
    const manifest: ExportManifest = {
      file: basename(path),
      format,
      gzip,
      window: { start: window.start.toISOString(), end: window.end.toISOString(), time_zone: timeZone },
      ...(Object.keys(filter).length === 0 ? {} : { filter }),
      rows: counts.rows,
      sum: counts.sum,
      unpriced: counts.unpriced,
      bytes,
      sha256: hash.digest('hex'),
    };
    const manifestPart = `${part}.manifest`;
    await writeFile(manifestPart, `${JSON.stringify(manifest, null, 2)}\n`);
    await rename(part, path);
    await rename(manifestPart, `${path}.manifest.json`);
    return manifest;
  } catch (cause) {
    await Promise.all([part, `${part}.manifest`].map((each) => unlink(each).catch(() => {})));
    if (cause instanceof CostspanError) throw cause;
    throw notWritten('EXPORT_FAILED', path, cause);
  }
}
