import { ConfigError, messageOf } from '../../base/errors.ts';
import { type JsonObject, known } from '../../base/read.ts';
import { didYouMean } from '../../base/spelling.ts';
import type { CostLedger } from '../../ledger/ledger.ts';
import { costEventFrom } from '../../metering/check-event.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { PriceList } from '../../pricing/price.ts';
import { ImportError, type ImportSource } from './imported-call.ts';
import { readRows } from './read-rows.ts';
import { SOURCES } from './sources.ts';
import { eventOf } from './to-event.ts';

export interface ImportOptions {
  /** Whose file it is. Default: told by each row. */
  readonly from?: string;
  /** Who pays for rows that name nobody. */
  readonly customer?: string;
  /** Read and count, and write nothing. */
  readonly dryRun?: boolean;
  readonly prices: readonly PriceList[];
}

/** What became of a file. */
export interface ImportResult {
  readonly rows: number;
  readonly imported: number;
  /** Rows that were imported before. */
  readonly already: number;
  /** Rows that are no calls: traces, spans. */
  readonly skipped: number;
  readonly refused: readonly { readonly place: string; readonly reason: string }[];
  /** Refused rows beyond those listed. */
  readonly moreRefused: number;
  readonly unpriced: number;
  readonly unattributed: number;
  /** Fields that have no place in a cost event, with how many rows had them. */
  readonly notCarried: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, number>>;
}

/** At a time: one commit, and one question after what is there already. */
const BATCH = 500;
const MAX_REFUSED = 20;

/** Brings the calls of another tool, or events of our own, into a ledger. A row that cannot be read keeps no other from it. */
export async function importFile(
  path: string,
  ledger: Pick<CostLedger, 'write' | 'events' | 'flush'>,
  options: ImportOptions,
): Promise<ImportResult> {
  const only = sourceNamed(options.from);
  const counts = {
    rows: 0,
    imported: 0,
    already: 0,
    skipped: 0,
    moreRefused: 0,
    unpriced: 0,
    unattributed: 0,
  };
  const refused: { place: string; reason: string }[] = [];
  const notCarried: Record<string, number> = {};
  const sources: Record<string, number> = {};
  let batch: CostEvent[] = [];
  const refuse = (place: string, reason: string): void => {
    if (refused.length < MAX_REFUSED) refused.push({ place, reason });
    else counts.moreRefused += 1;
  };
  const write = async (): Promise<void> => {
    const fresh: CostEvent[] = [];
    const ids = new Set<string>();
    for (const event of batch) {
      if (ids.has(event.id) || (await isThere(ledger, event.id))) counts.already += 1;
      else fresh.push(event);
      ids.add(event.id);
    }
    batch = [];
    counts.imported += fresh.length;
    counts.unpriced += fresh.filter(({ cost }) => cost.status === 'unpriced').length;
    counts.unattributed += fresh.filter(({ attributionSource }) => attributionSource === undefined).length;
    if (options.dryRun === true || fresh.length === 0) return;
    await ledger.write(fresh);
    await ledger.flush();
  };
  for await (const found of readRows(path)) {
    counts.rows += 1;
    if ('problem' in found) {
      refuse(found.place, found.problem);
      continue;
    }
    try {
      const { event, source } = eventIn(found.row, only, options);
      sources[source] = (sources[source] ?? 0) + 1;
      if (event === undefined) counts.skipped += 1;
      else batch.push(event);
      for (const name of notCarriedOf(found.row, source)) notCarried[name] = (notCarried[name] ?? 0) + 1;
    } catch (error) {
      refuse(found.place, messageOf(error));
    }
    if (batch.length >= BATCH) await write();
  }
  await write();
  return { ...counts, refused, notCarried, sources };
}

const OWN = 'costspan';

function sourceNamed(name: string | undefined): ImportSource | typeof OWN | undefined {
  if (name === undefined || name === OWN) return name;
  const source = SOURCES.find((each) => each.name === name);
  if (source !== undefined) return source;
  const names = [OWN, ...SOURCES.map((each) => each.name)];
  throw new ConfigError(
    `There is no source '${name}'.${didYouMean(name, names)} Sources: ${names.join(', ')}.`,
  );
}

function eventIn(
  row: JsonObject,
  only: ImportSource | typeof OWN | undefined,
  options: ImportOptions,
): { source: string; event: CostEvent | undefined } {
  if (only === OWN || (only === undefined && 'schema_version' in row))
    return { source: OWN, event: costEventFrom(row) };
  const source = only ?? SOURCES.find((each) => each.matches(row));
  if (source === undefined)
    throw new ImportError(
      `nobody's row: it has the fields ${Object.keys(row).slice(0, 8).join(', ')}. Say whose with --from`,
    );
  const call = source.read(row);
  return {
    source: source.name,
    event: call && eventOf(call, source, known({ customer: options.customer, prices: options.prices })),
  };
}

function notCarriedOf(row: JsonObject, name: string): string[] {
  const source = SOURCES.find((each) => each.name === name);
  if (source === undefined) return [];
  return Object.entries(row).flatMap(([field, value]) =>
    source.carried.has(field) || value === null || value === '' || value === undefined ? [] : [field],
  );
}

async function isThere(ledger: Pick<CostLedger, 'events'>, id: string): Promise<boolean> {
  for await (const _ of ledger.events({ id })) return true;
  return false;
}
