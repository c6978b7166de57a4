import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';
import { costEvent } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
const cli = (...args: string[]) => run('customers', ...args, '--db', db);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-customers-'));
  db = join(folder, 'costs.db');
  const ledger = new SqliteLedger({ path: db });
  ledger.write([costEvent(1), costEvent(2, { customer: 'globex' })]);
  await ledger.shutdown();
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a list for people says who is registered, who was only seen, and who was merged', async () => {
  await cli('add', 'acme', '--name', 'Acme Corp', '--plan', 'pro', '--rate-card', 'standard');
  expect((await cli('merge', 'globex', 'acme')).out).toBe('Reports count globex as acme.\n');
  await cli('add', 'umbrella');
  const { out } = await cli('list');
  expect(out.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['key', 'name', 'plan', 'rate card'],
    [expect.stringMatching(/^─+$/)],
    ['acme', 'Acme Corp', 'pro', 'standard'],
    ['globex', 'merged into acme'],
    ['umbrella'],
    [''],
  ]);
});

test('a list can be of those registered, of those not, or of nobody', async () => {
  await cli('add', 'acme');
  const keys = async (...args: string[]): Promise<string[]> =>
    (JSON.parse((await cli('list', '--json', ...args)).out) as { key: string }[]).map(({ key }) => key);
  expect(await keys()).toEqual(['acme', 'globex']);
  expect(await keys('--registered')).toEqual(['acme']);
  expect(await keys('--unregistered')).toEqual(['globex']);
  expect(await keys('--search', 'GLO')).toEqual(['globex']);
  expect((await cli('list', '--plan', 'none')).out).toBe('No customers.\n');
  expect((await cli('list', '--unregistered')).out).toContain('seen in events');
});

test('what is known of a customer is a line each, for people; a name cannot paint the terminal', async () => {
  await cli('add', 'acme', '--name', 'Acme \u001b[31m', '--metadata', '{"crm":"42"}');
  const { out } = await cli('show', 'acme');
  expect(out).toContain('key: acme\n');
  expect(out).toContain('metadata: {"crm":"42"}\n');
  expect(out).not.toContain('\u001b');
});

test('a change leaves what it does not name, and needs a customer that is registered', async () => {
  await cli('add', 'acme', '--name', 'Acme Corp', '--plan', 'pro');
  expect(JSON.parse((await cli('set', 'acme', '--plan', 'free', '--json')).out)).toEqual({ changed: 'acme' });
  expect(JSON.parse((await cli('show', 'acme', '--json')).out)).toMatchObject({
    name: 'Acme Corp',
    plan: 'free',
  });
  expect(await cli('set', 'nobody', '--plan', 'free')).toMatchObject({
    code: 1,
    err: expect.stringContaining("No customer 'nobody' is registered") as string,
  });
});

test.each(['[1]', 'crm=42', '7'])('--metadata %s is refused, with an example', async (metadata) => {
  expect(await cli('add', 'acme', '--metadata', metadata)).toMatchObject({
    code: 1,
    err: expect.stringContaining(`Expected --metadata to be a JSON object, got '${metadata}'`) as string,
  });
});

test('an import counts what it did; empty cells say nothing, and a file that is none is named', async () => {
  const csv = join(folder, 'customers.csv');
  writeFileSync(csv, 'key,name,plan,rate_card,country\nacme,,,,\n');
  expect(JSON.parse((await cli('import', csv, '--json')).out)).toEqual({ imported: 1, refused: [] });
  const acme = JSON.parse((await cli('show', 'acme', '--json')).out) as object;
  for (const field of ['name', 'plan', 'rate_card', 'metadata']) expect(acme).not.toHaveProperty(field);
  expect((await cli('import', join(folder, 'none.csv'))).err).toContain('none.csv cannot be read: ENOENT');
});
