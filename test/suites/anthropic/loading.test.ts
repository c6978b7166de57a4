import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, ProviderServer } from '../../support/provider-server.ts';
import { message } from '../../support/wire.ts';

const APPS = join(import.meta.dirname, 'apps');
let server: ProviderServer;

beforeAll(async () => {
  server = await ProviderServer.start();
  server.answer(json(message));
});
afterAll(() => server.stop());

/** Runs an application that knows nothing of us, and returns the calls that were heard in it. */
async function run(app: string): Promise<unknown> {
  const child = spawn(process.execPath, ['--import', join(APPS, 'set-up.ts'), join(APPS, app), server.url]);
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(errors);
  return JSON.parse(out);
}

test.each(['sdk.mjs', 'sdk.cjs'])('%s: the package itself is observed', async (app) => {
  expect(await run(app)).toEqual([{ provider: 'anthropic', status: 'ok', output: 210 }]);
});

// The cloud packages load `@anthropic-ai/sdk/client` and never the package's main file.
test.each(['bedrock.mjs', 'bedrock.cjs'])('%s: a cloud client is observed', async (app) => {
  expect(await run(app)).toEqual([{ provider: 'aws.bedrock', status: 'ok', output: 210 }]);
});

test.each(['langchain.mjs', 'langchain.cjs'])('%s: the copy a framework brings is observed', async (app) => {
  expect(await run(app)).toEqual([{ provider: 'anthropic', status: 'ok', output: 210 }]);
});
