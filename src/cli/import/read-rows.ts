import { createReadStream, openSync, readSync, closeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { DatabaseSync } from 'node:sqlite';
import { parse as csvParser } from 'csv-parse';
import { CostspanError, messageOf } from '../../base/errors.ts';
import { type JsonObject, jsonValue, list, object, text } from '../../base/read.ts';
import { objectIn } from './row-readers.ts';
import { SOURCES } from './sources.ts';

/** A row as it lies in the file, or why there is none at this place. */
export type FileRow =
  | { readonly place: string; readonly row: JsonObject }
  | { readonly place: string; readonly problem: string };

/**
 * The rows of a file of another tool: an SQLite database, JSON (a list, or an object around one), JSON lines, CSV; also
 * gzipped. One at a time, but for JSON that is a single value.
 *
 * @throws {CostspanError} `IMPORT_FAILED`: the file cannot be read.
 */
export function readRows(path: string): AsyncIterable<FileRow> | Iterable<FileRow> {
  const head = headOf(path);
  if (head.startsWith('SQLite format 3')) return rowsOfDatabase(path);
  if (/^\s*"?[\w ]+"?\s*,/.test(head)) return rowsOfCsv(path);
  const file = createReadStream(path);
  const isGzip = head.startsWith('\u001f\u008b');
  const lines = createInterface({
    input: isGzip ? file.pipe(createGunzip()) : file,
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  return rowsOfJson(lines);
}

async function* rowsOfJson(lines: AsyncIterable<string>): AsyncIterable<FileRow> {
  let number = 0;
  let whole = '';
  for await (const line of lines) {
    number += 1;
    if (whole === '' && line.trim() === '') continue;
    const value = whole === '' ? jsonValue(line) : undefined;
    if (value !== undefined) yield* unwrapped(value, `line ${number}`);
    // The first line that is no value of its own begins one that goes on over all lines.
    else if (whole !== '' || number === 1) whole += `${line}\n`;
    else yield { place: `line ${number}`, problem: 'no JSON' };
  }
  if (whole === '') return;
  const value = jsonValue(whole);
  if (value === undefined) yield { place: 'line 1', problem: 'neither JSON, nor JSON lines, nor CSV' };
  else yield* unwrapped(value, 'row');
}

/** A list of rows, also where it stands inside an object: `{ "tracked": [...] }`. */
function* unwrapped(value: unknown, place: string): Iterable<FileRow> {
  if (Array.isArray(value)) {
    for (const [index, each] of list(value).entries())
      yield* unwrapped(each, `${place === 'row' ? 'row' : `${place}, row`} ${index + 1}`);
    return;
  }
  const row = object(value);
  if (row === undefined) {
    yield { place, problem: 'no object' };
    return;
  }
  const envelope = SOURCES.flatMap(({ envelope }) => envelope ?? []).find((name) => Array.isArray(row[name]));
  if (envelope !== undefined && Object.keys(row).length <= 4) yield* unwrapped(row[envelope], place);
  else yield { place, row };
}

async function* rowsOfCsv(path: string): AsyncIterable<FileRow> {
  const parser = createReadStream(path).pipe(
    csvParser({ columns: true, bom: true, skip_empty_lines: true, relax_column_count: true }),
  );
  let number = 0;
  for await (const record of parser) {
    number += 1;
    const row = object(record);
    if (row !== undefined) yield { place: `record ${number}`, row };
  }
}

function* rowsOfDatabase(path: string): Iterable<FileRow> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = db
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .all()
      .map(({ name }) => String(name));
    const table = ['cost_events', 'LiteLLM_SpendLogs', 'queue'].find((name) => tables.includes(name));
    if (table === undefined)
      throw new CostspanError(
        'IMPORT_FAILED',
        `${path} has none of the tables cost_events (LLMCosts), queue (AICostManager), LiteLLM_SpendLogs; it has ${tables.join(', ') || 'none'}.`,
      );
    let number = 0;
    for (const row of db.prepare(`SELECT * FROM "${table}"`).iterate()) {
      number += 1;
      const payload = table === 'queue' ? objectIn(text(row.payload)) : row;
      if (payload === undefined) yield { place: `row ${number}`, problem: 'the payload is no JSON object' };
      else yield* unwrapped(payload, `row ${number}`);
    }
  } finally {
    db.close();
  }
}

function headOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(512);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new CostspanError('IMPORT_FAILED', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
