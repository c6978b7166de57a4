import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedgerFile } from '../../src/ledger/sqlite/open-ledger-file.ts';
import type { CostEvent } from '../../src/metering/cost-event.ts';
import { collect } from '../ledger/events.ts';
import { costEvent } from './events.ts';
import { run } from './run.ts';

let folder: string;
let db: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costspan-import-'));
  db = join(folder, 'costs.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function imported(
  path: string,
  ...options: string[]
): Promise<{ result: Record<string, unknown>; events: readonly CostEvent[] }> {
  const { code, out, err } = await run('import', path, '--db', db, '--json', ...options);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const ledger = openLedgerFile(db);
  const events = await collect(ledger.events());
  await ledger.shutdown();
  return { result: JSON.parse(out) as Record<string, unknown>, events };
}

const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const llmcostsRow = {
  response_id: 'chatcmpl-1',
  model_id: 'gpt-4o',
  provider: 'OPENAI',
  timestamp: '2026-11-20T10:00:00',
  input_tokens: 1000,
  output_tokens: 100,
  total_tokens: 1100,
  context: '{"feature":"chat","user":null}',
  created_at: '2026-11-20T10:00:01',
  updated_at: '2026-11-20T10:00:01',
};

describe('LLMCosts', () => {
  test('its database becomes priced events, the same ones however often it is read', async () => {
    const path = join(folder, 'llm_cost_events.db');
    const source = new DatabaseSync(path);
    source.exec(
      'CREATE TABLE cost_events (response_id TEXT PRIMARY KEY, model_id TEXT, provider TEXT, timestamp TEXT, input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, context TEXT, created_at TEXT, updated_at TEXT)',
    );
    const {
      response_id,
      model_id,
      provider,
      timestamp,
      input_tokens,
      output_tokens,
      total_tokens,
      context,
      created_at,
      updated_at,
    } = llmcostsRow;
    source
      .prepare(`INSERT INTO cost_events VALUES (${'?, '.repeat(9)}?)`)
      .run(
        response_id,
        model_id,
        provider,
        timestamp,
        input_tokens,
        output_tokens,
        total_tokens,
        context,
        created_at,
        updated_at,
      );
    source.close();
    const first = await imported(path, '--customer', 'acme');
    // 1,000 × 2.5 ÷ 1e6 + 100 × 10 ÷ 1e6
    expect(first.result).toMatchObject({ rows: 1, imported: 1, already: 0, unpriced: 0 });
    expect(first.events).toMatchObject([
      {
        customer: 'acme',
        provider: 'openai',
        responseModel: 'gpt-4o',
        responseId: 'chatcmpl-1',
        context: { feature: 'chat', imported_from: 'llmcosts' },
        usage: { inputTokens: 1000, outputTokens: 100 },
        cost: { status: 'priced', amount: '0.0035' },
      },
    ]);
    expect(first.events[0]?.timestamp.toISOString()).toBe('2026-11-20T10:00:00.000Z');
    const again = await imported(path, '--customer', 'acme');
    expect(again.result).toMatchObject({ imported: 0, already: 1 });
    expect(again.events).toHaveLength(1);
  });

  test("its records carry the provider's own usage", async () => {
    const record = {
      usage: {
        input_tokens: 86,
        cache_read_input_tokens: 1920,
        cache_creation_input_tokens: 0,
        output_tokens: 300,
      },
      model_id: 'claude-sonnet-4-5',
      response_id: 'msg_1',
      timestamp: '2026-11-20T10:00:00Z',
      provider: 'anthropic',
      client_customer_key: 'globex',
      remote_save: false,
    };
    const { events, result } = await imported(
      file('posted.json', JSON.stringify({ usage_records: [record], remote_save: true })),
    );
    expect(events).toMatchObject([
      {
        customer: 'globex',
        usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300 },
        cost: { status: 'priced' },
      },
    ]);
    expect(result).toMatchObject({ not_carried: { remote_save: 1 } });
  });
});

test('AICostManager: what was tracked, seconds since 1970 as text', async () => {
  const tracked = {
    service_key: 'openai::gpt-4o',
    response_id: 'r1',
    timestamp: '1795168800',
    payload: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
    customer_key: 'acme',
    context: { team: 'a' },
  };
  const { events } = await imported(
    file('tracked.json', JSON.stringify({ tracked: [tracked, { cost_unit_id: 'x' }] }, null, 2)),
  );
  expect(events).toMatchObject([{ customer: 'acme', context: { team: 'a' }, cost: { amount: '0.0035' } }]);
  expect(events[0]?.timestamp.toISOString()).toBe('2026-11-20T10:00:00.000Z');
});

test('cmdrdata: a failed call keeps its error, latency and customer', async () => {
  const event = {
    customer_id: 'acme',
    model: 'gpt-4o',
    input_tokens: 1000,
    output_tokens: 100,
    total_tokens: 1100,
    provider: 'openai',
    version: '0.1.0',
    timestamp: 1795168800,
    metadata: { response_id: 'chatcmpl-9', feature: 'chat' },
    latency: { duration_ms: 812.4, time_to_first_token_ms: 240 },
    error: { occurred: true, type: 'timeout' },
    request: { id: 'q', streaming: true },
  };
  const { events } = await imported(file('events.jsonl', lines(event)));
  expect(events).toMatchObject([
    {
      customer: 'acme',
      context: { feature: 'chat' },
      durationMs: 812,
      timeToFirstTokenMs: 240,
      status: 'error',
      errorType: 'timeout',
      stream: true,
    },
  ]);
});

test('LiteLLM: the spend is kept to the last digit, content is not carried over', async () => {
  const csv = [
    'request_id,call_type,api_key,spend,total_tokens,prompt_tokens,completion_tokens,startTime,endTime,model,custom_llm_provider,user,end_user,metadata,request_tags,messages',
    'r1,acompletion,hash,0.000000123456789,1100,1000,100,2026-11-20 10:00:00.000,2026-11-20 10:00:01.500,openai/gpt-4o,openai,u1,acme,"{""requester_metadata"":{""feature"":""chat""}}","[""a""]",secret',
  ].join('\n');
  const { events, result } = await imported(file('spend.csv', csv));
  expect(events).toMatchObject([
    {
      customer: 'acme',
      responseModel: 'gpt-4o',
      durationMs: 1500,
      context: { user: 'u1', feature: 'chat', tags: ['a'] },
      cost: { amount: '0.000000123456789', price: { list: 'import:litellm' } },
    },
  ]);
  expect(JSON.stringify(events)).not.toContain('secret');
  expect(result).toMatchObject({ not_carried: { api_key: 1, messages: 1 } });
});

test('Langfuse: generations become calls, cached input is part of the input, spans are skipped', async () => {
  const generation = {
    id: 'o1',
    traceId: 't',
    type: 'GENERATION',
    name: 'answer',
    startTime: '2026-11-20T10:00:00.000Z',
    endTime: '2026-11-20T10:00:02.000Z',
    model: 'claude-sonnet-4-5',
    usageDetails: { input: 86, cache_read_input_tokens: 1920, output: 300, total: 2306 },
    costDetails: { input: 0.1, output: 0.2, total: 0.3 },
    userId: 'acme',
    input: 'secret',
  };
  const { events, result } = await imported(
    file('observations.json', JSON.stringify([generation, { ...generation, id: 'o2', type: 'SPAN' }])),
  );
  expect(events).toMatchObject([
    {
      customer: 'acme',
      provider: 'anthropic',
      usage: { inputTokens: 2006, cacheReadTokens: 1920, outputTokens: 300, totalTokens: 2306 },
      cost: { amount: '0.3' },
      durationMs: 2000,
    },
  ]);
  expect(result).toMatchObject({ skipped: 1, not_carried: { input: 2 } });
});

test('events of our own come back as they were, gzipped, too', async () => {
  const events = [costEvent(1), costEvent(2)];
  const { events: read } = await imported(
    file('events.ndjson.gz', gzipSync(lines(...events.map((event) => event.toJSON())))),
  );
  expect(read.map((event) => event.toJSON())).toEqual(
    events.map((event) => JSON.parse(JSON.stringify(event)) as object),
  );
});

test('a row that is none is counted and named; the rest goes in', async () => {
  const path = file(
    'mixed.jsonl',
    `${lines(llmcostsRow)}{"broken\n${lines({ foreign: 1 }, { ...llmcostsRow, response_id: 'b', input_tokens: -3 }, { ...llmcostsRow, response_id: 'c', timestamp: 'yesterday' })}`,
  );
  const { events, result } = await imported(path);
  expect(events).toHaveLength(1);
  expect(result).toMatchObject({
    rows: 5,
    imported: 1,
    unattributed: 1,
    refused: [
      { place: 'line 2', reason: 'no JSON' },
      { place: 'line 3', reason: "nobody's row: it has the fields foreign. Say whose with --from" },
      { place: 'line 4', reason: '-3 is no count' },
      { place: 'line 5', reason: 'no time: "yesterday"' },
    ],
  });
});

test('--dry-run writes nothing; a wrong source or file is named', async () => {
  const path = file('rows.jsonl', lines(llmcostsRow));
  expect((await run('import', path, '--db', db, '--dry-run')).out).toContain('1 would be imported');
  expect((await run('import', path, '--db', db)).out).toContain('1 imported');
  expect((await run('import', path, '--db', db, '--from', 'litelm')).err).toContain(
    "Did you mean 'litellm'?",
  );
  expect(await run('import', join(folder, 'none'), '--db', db)).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be read') as string,
  });
});
