import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileRow, readRows } from '../../../src/cli/import/read-rows.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'costspan-rows-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function rowsOf(content: string): Promise<FileRow[]> {
  const path = join(folder, 'rows');
  writeFileSync(path, content);
  const rows: FileRow[] = [];
  for await (const row of readRows(path)) rows.push(row);
  return rows;
}

test.each([
  ['an empty file has no rows', '', []],
  [
    'empty lines are none',
    '\n\n{"a":1}\n\n{"a":2}\n',
    [
      { place: 'line 3', row: { a: 1 } },
      { place: 'line 5', row: { a: 2 } },
    ],
  ],
  [
    'a number is no row',
    '{"a":1}\n7\n',
    [
      { place: 'line 1', row: { a: 1 } },
      { place: 'line 2', problem: 'no object' },
    ],
  ],
  ['JSON over many lines is one value', '{\n"a":\n1}\n', [{ place: 'row', row: { a: 1 } }]],
  [
    'a list in a line is rows',
    '[{"a":1},2]',
    [
      { place: 'line 1, row 1', row: { a: 1 } },
      { place: 'line 1, row 2', problem: 'no object' },
    ],
  ],
  [
    'prose is named as what it is not',
    'Dear all',
    [{ place: 'line 1', problem: 'neither JSON, nor JSON lines, nor CSV' }],
  ],
  ['CSV is told by its head', 'a,b\n1,2\n', [{ place: 'record 1', row: { a: '1', b: '2' } }]],
])('%s', async (_title, content, rows) => {
  expect(await rowsOf(content)).toEqual(rows);
});

/** A database with what the statements make. */
function database(name: string, ...statements: string[]): string {
  const path = join(folder, name);
  const db = new DatabaseSync(path);
  for (const statement of statements) db.exec(statement);
  db.close();
  return path;
}

test('a queue of AICostManager is its payloads; one that is none is named', () => {
  const path = database(
    'queue.db',
    'CREATE TABLE queue (payload TEXT)',
    `INSERT INTO queue VALUES ('{"service_key":"openai::gpt-4o"}'), ('broken'), (NULL)`,
  );
  expect([...(readRows(path) as Iterable<FileRow>)]).toEqual([
    { place: 'row 1', row: { service_key: 'openai::gpt-4o' } },
    { place: 'row 2', problem: 'the payload is no JSON object' },
    { place: 'row 3', problem: 'the payload is no JSON object' },
  ]);
});

test.each([
  ['it has others.', ['CREATE TABLE others (a TEXT)']],
  ['it has none.', ['CREATE TABLE others (a TEXT)', 'DROP TABLE others']],
])('a database without a known table is refused, and says what is in it: %s', (said, statements) => {
  const path = database(`foreign ${said}db`, ...statements);
  expect(() => [...(readRows(path) as Iterable<FileRow>)]).toThrow(said);
});
