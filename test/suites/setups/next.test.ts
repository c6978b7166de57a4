import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { runIn } from '../packed.ts';
import { freePort } from '../postgres/server.ts';
import { environment, environmentOf, EXACT, install, ledgerOf, ledgerPath, provider } from './environment.ts';

let app: string;
beforeAll(() => {
  app = install('next');
});

/** Builds the application, starts it, and calls its one route. */
async function buildAndCall(
  flags: readonly string[],
  env: NodeJS.ProcessEnv,
  start = ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', '0'],
): Promise<void> {
  const next = join(app, 'node_modules/next/dist/bin/next');
  const server = await provider();
  const db = ledgerPath();
  const all = environmentOf(server, db, env);
  runIn(app, process.execPath, [next, 'build', ...flags], { ...all, NODE_ENV: 'production' });

  const child = spawn(process.execPath, start, { cwd: app, env: all });
  let said = '';
  try {
    const { promise: url, resolve, reject } = Promise.withResolvers<string>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += String(chunk);
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
        if (address !== undefined && said.includes('Ready')) resolve(address);
      });
    }
    child.once('exit', () => reject(new Error(said)));
    const reply = await fetch(`${await url}/api/chat`, { method: 'POST', headers: { 'x-tenant': 'acme' } });
    expect(await reply.json(), said).toEqual({ done: true });
    expect(ledgerOf(db), said).toEqual(EXACT);
  } finally {
    child.kill('SIGKILL');
  }
}

const EXTERNAL = "serverExternalPackages: ['costspan', 'openai'] and instrumentation.js";
const VERSION = 'next 16.4';

environment('Next.js, Turbopack', VERSION, EXTERNAL, () => buildAndCall([], {}));
environment('Next.js, Turbopack, @vercel/otel', `${VERSION}, @vercel/otel 2.1`, EXTERNAL, () =>
  buildAndCall([], { WITH_VERCEL_OTEL: '1' }),
);
environment('Next.js, webpack', VERSION, EXTERNAL, () => buildAndCall(['--webpack'], {}));
environment('Next.js, Turbopack', VERSION, 'manuallyInstrument(OpenAI) beside the client', () =>
  buildAndCall([], { BUNDLED: '1' }),
);
// What Next.js traces into the folder lacks the loader's hooks: the net beneath catches the calls.
environment('Next.js, Turbopack', VERSION, `output: 'standalone', ${EXTERNAL}`, async () => {
  const env = { STANDALONE: '1', HOSTNAME: '127.0.0.1', PORT: String(await freePort()) };
  await buildAndCall([], env, ['.next/standalone/server.js']);
  return 'exact, by the net beneath the SDKs';
});
