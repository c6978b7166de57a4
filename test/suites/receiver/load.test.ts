import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedgerFile } from '../../../src/ledger/sqlite/open-ledger-file.ts';
import { CHAT, Sender } from '../../receiver/spans.ts';
import { runIn } from '../packed.ts';

/** 10,000 spans a second for 12 seconds, in requests of 1,000; every fifth span is a call. */
const SECONDS = 12;
const REQUESTS_PER_SECOND = 10;
const TRACES_PER_REQUEST = 200;
const SPANS_PER_TRACE = 5;
const REQUESTS = SECONDS * REQUESTS_PER_SECOND;
/** Requests on their way at one time, as a collector's exporter has them. */
const CLIENTS = 8;
const CALLS = REQUESTS * TRACES_PER_REQUEST;

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'costspan-load-'));
const db = join(folder, 'costs.db');
let child: ChildProcess | undefined;

beforeAll(() => {
  runIn(ROOT, 'npm', ['run', '--silent', 'build']);
});
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A request as an application's exporter makes it: a server span, an agent, the call, its HTTP request and a query. */
function request(): Uint8Array<ArrayBuffer> {
  const sender = new Sender();
  for (let trace = 0; trace < TRACES_PER_REQUEST; trace++) {
    const server = sender.span({ 'http.request.method': 'POST' }, '@opentelemetry/instrumentation-http');
    const agent = sender.span(
      { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 1000 },
      'agents',
      server,
    );
    const call = sender.span(
      { ...CHAT, 'costspan.customer': `c${trace % 10}` },
      '@vendor/instrumentation-openai',
      agent,
    );
    sender.span({ 'http.request.method': 'POST' }, '@opentelemetry/instrumentation-undici', call).end();
    call.end();
    sender.span({ 'db.system': 'postgresql' }, '@opentelemetry/instrumentation-pg', agent).end();
    agent.end();
    server.end();
  }
  return sender.protobuf();
}

async function start(port: number, forward: string): Promise<number> {
  const args = ['dist/cli/main.js', 'receive', '--port', String(port), '--db', db, '--forward', forward];
  const started = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  child = started;
  let said = '';
  return await new Promise((resolve, reject) => {
    started.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const bound = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (bound !== undefined) resolve(Number(bound));
    });
    started.once('exit', (code) => reject(new Error(`costspan receive ended with ${code}: ${said}`)));
  });
}

/** Sends until it is acknowledged, as an exporter does. */
async function send(url: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  for (;;) {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-protobuf' },
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer !== undefined && answer.status !== 429 && answer.status !== 503)
      throw new Error(`answered ${answer.status}`);
    await sleep(100);
  }
}

/** In MB; 0 between two lives. */
function memoryOf(process: ChildProcess | undefined): number {
  if (process?.pid === undefined || !existsSync(`/proc/${process.pid}/status`)) return 0;
  const status = readFileSync(`/proc/${process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function cpuSecondsOf(process: ChildProcess | undefined): number {
  const fields = readFileSync(`/proc/${process?.pid}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

test('10,000 spans a second: nothing is lost or counted twice, killed twice and with a sink that refuses', async () => {
  const forwarded = new Set<string>();
  let refuses = true;
  const sink = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (!refuses)
        for (const { id } of JSON.parse(Buffer.concat(chunks).toString()) as { id: string }[])
          forwarded.add(id);
      outgoing.writeHead(refuses ? 503 : 200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const forward = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`;
  const bodies = Array.from({ length: REQUESTS }, request);
  const port = await start(0, forward);
  const url = `http://127.0.0.1:${port}/v1/traces`;

  const startedAt = performance.now();
  const memory: number[] = [];
  const acknowledged: number[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let index = next++; index < REQUESTS; index = next++) {
      await sleep(Math.max(0, startedAt + (index * 1000) / REQUESTS_PER_SECOND - performance.now()));
      await send(url, bodies[index]!);
      acknowledged.push(performance.now());
      if (index % REQUESTS_PER_SECOND === 0) memory.push(memoryOf(child));
    }
  };
  const sent = Promise.all(Array.from({ length: CLIENTS }, client));
  let downMs = 0;
  let before = 0;
  for (const part of [1 / 4, 1 / 2]) {
    while (acknowledged.length < REQUESTS * part) await sleep(10);
    const killedAt = performance.now();
    child?.kill('SIGKILL');
    if (child?.signalCode === null) await once(child, 'exit');
    await start(port, forward);
    downMs += performance.now() - killedAt;
    before = acknowledged.length;
  }
  while (acknowledged.length < (REQUESTS * 3) / 4) await sleep(10);
  refuses = false;
  await sent;
  const seconds = (performance.now() - startedAt) / 1000;
  const spans = CALLS * SPANS_PER_TRACE;
  const up = seconds - downMs / 1000;
  const perCpu =
    ((acknowledged.length - before) * TRACES_PER_REQUEST * SPANS_PER_TRACE) / cpuSecondsOf(child);
  console.log(
    `${spans} spans in ${seconds.toFixed(1)} s: ${Math.round(spans / seconds)}/s, while it was up ${Math.round(spans / up)}/s, ` +
      `${Math.round(perCpu)} per CPU second of its last life, its start included; MB: ${memory.map(Math.round).join(' ')}`,
  );

  for (let wait = 0; wait < 600 && forwarded.size < CALLS; wait++) await sleep(100);
  expect(forwarded.size).toBe(CALLS);
  child?.kill('SIGTERM');
  if (child !== undefined) await once(child, 'exit');
  sink.close();
  const ledger = openLedgerFile(db);
  const rows = await ledger.query({ groupBy: ['customer'] });
  await ledger.shutdown();
  // 20 traces of each customer in each request, 0.0035 each.
  const events = CALLS / 10;
  expect(rows.map(({ events: count, amount }) => [count, Number(amount)])).toEqual(
    Array.from({ length: 10 }, () => [events, Number((events * 0.0035).toFixed(4))]),
  );
  // Flat: what was there after the last start is not left behind by much.
  expect(Math.max(...memory)).toBeLessThan(500);
});
