import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

test.each([
  ['a handler that awaits forceFlush() before it returns (AWS Lambda)', 'awaited', 'lambda'],
  ['a flush handed to the platform (Next.js after(), waitUntil)', 'afterwards', 'next'],
])(
  '%s has delivered every event, though the process is stopped at once',
  async (_title, pattern, customer) => {
    const received: { customer: string; cost: { amount: string } }[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(...(JSON.parse(Buffer.concat(chunks).toString()) as typeof received));
        response.end();
      });
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;

    const child = spawn(
      process.execPath,
      ['--import', 'costspan/hooks', 'test/fixtures/start-up/serverless.mjs', pattern],
      {
        env: { ...process.env, RECEIVER: url },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [stdout] = (await once(child.stdout, 'data')) as [Buffer];
    const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    receiver.close();

    expect(String(stdout)).toBe('done\n');
    expect(signal).toBe('SIGKILL');
    // 10 × $2.50/M + 5 × $10/M
    expect(received).toMatchObject([{ customer, cost: { amount: '0.000075' } }]);
  },
);
