import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CostEventJson } from '../../src/metering/cost-event.ts';
import { JsonlSink } from '../../src/sinks/jsonl.ts';
import { costEvent } from '../ledger/events.ts';
import { testSink } from './contract.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-jsonl-'));
  path = join(folder, 'costs.jsonl');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

testSink('JsonlSink', async () => ({
  sink: new JsonlSink({ path, fsync: true }),
  arrived: () => linesOf(path),
  fail: () => rmSync(folder, { recursive: true }),
}));

function linesOf(file: string): CostEventJson[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CostEventJson);
}

/** The ids in each file of the folder. */
function files(): Record<string, string[]> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, linesOf(join(folder, name)).map(({ id }) => id)]),
  );
}

/** Some event of some hundred bytes. */
const event = (id: string) => costEvent({ id });

test('continues a file that is there', async () => {
  writeFileSync(path, '{"id":"old"}\n');
  await new JsonlSink({ path }).write([event('new')]);
  expect(files()).toEqual({ 'costs.jsonl': ['old', 'new'] });
});

test('ends a line that somebody could not end, so that the next is whole', async () => {
  writeFileSync(path, '{"id":"old"}\n{"id":"cut o');
  await new JsonlSink({ path }).write([event('new')]);
  expect(readFileSync(path, 'utf8').split('\n').slice(1, 2)).toEqual(['{"id":"cut o']);
  expect(JSON.parse(readFileSync(path, 'utf8').split('\n')[2] ?? '')).toMatchObject({ id: 'new' });
});

test('follows its name when the file is renamed or removed', async () => {
  const sink = new JsonlSink({ path });
  await sink.write([event('a')]);
  renameSync(path, join(folder, 'costs.jsonl.1'));
  await sink.write([event('b')]);
  rmSync(path);
  await sink.write([event('c')]);
  expect(files()).toEqual({ 'costs.jsonl': ['c'], 'costs.jsonl.1': ['a'] });
});

describe('rotation', () => {
  const line = Buffer.byteLength(`${JSON.stringify(event('a'))}\n`);
  const today = new Date().toISOString().slice(0, 10);

  test('by size: the last line that fits is in the file, the next in a new one', async () => {
    const sink = new JsonlSink({ path, maxBytes: 2 * line });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await sink.write([event(id)]);
    expect(files()).toEqual({
      'costs.jsonl': ['e'],
      [`costs.${today}.jsonl`]: ['a', 'b'],
      [`costs.${today}.1.jsonl`]: ['c', 'd'],
    });
  });

  test('by size: a batch larger than the bound is written whole', async () => {
    const sink = new JsonlSink({ path, maxBytes: line });
    await sink.write(['a', 'b', 'c'].map(event));
    expect(files()).toEqual({ 'costs.jsonl': ['a', 'b', 'c'] });
  });

  test('by day: what was last written before midnight UTC is set aside, what was written after is continued', async () => {
    const sink = new JsonlSink({ path, daily: true });
    const midnight = new Date(`${today}T00:00:00.000Z`);
    await sink.write([event('a')]);
    utimesSync(path, midnight, midnight);
    await sink.write([event('b')]);
    const before = new Date(midnight.getTime() - 1);
    utimesSync(path, before, before);
    await sink.write([event('c')]);
    expect(files()).toEqual({
      'costs.jsonl': ['c'],
      [`costs.${before.toISOString().slice(0, 10)}.jsonl`]: ['a', 'b'],
    });
  });

  test('by day: a file left by an earlier run is set aside under its own day', async () => {
    writeFileSync(path, '{"id":"old"}\n');
    utimesSync(path, new Date('2026-11-18T12:00:00Z'), new Date('2026-11-18T12:00:00Z'));
    await new JsonlSink({ path, daily: true }).write([event('new')]);
    expect(files()).toEqual({ 'costs.jsonl': ['new'], 'costs.2026-11-18.jsonl': ['old'] });
  });

  test('keeps as many files as it is told and touches no other', async () => {
    appendFileSync(join(folder, 'costs.notes.jsonl'), '{"id":"mine"}\n');
    const sink = new JsonlSink({ path, maxBytes: line, keep: 2 });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await sink.write([event(id)]);
    const kept = files();
    expect(kept['costs.notes.jsonl']).toEqual(['mine']);
    expect(Object.values(kept).flat().toSorted()).toEqual(['c', 'd', 'e', 'mine']);
  });

  test('two sinks on one file lose nothing', async () => {
    const sinks = [new JsonlSink({ path, maxBytes: 3 * line }), new JsonlSink({ path, maxBytes: 3 * line })];
    const ids = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(2, '0'));
    await Promise.all(ids.map((id, index) => sinks[index % 2]!.write([event(id)])));
    expect(new Set(Object.values(files()).flat())).toEqual(new Set(ids));
  });
});

test('a wrong option is refused with the name of the right one', () => {
  expect(() => new JsonlSink({ file: 'x' } as never)).toThrow("Did you mean 'path'?");
  expect(() => new JsonlSink({ path: '' })).toThrow("expected 'path' to be a file name");
  expect(() => new JsonlSink({ path, maxBytes: 0 })).toThrow(
    "'maxBytes' to be a whole number above 0, got 0",
  );
});
