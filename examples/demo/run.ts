/**
 * `npm run demo`: starts the app, sends it the traffic of three customers at once, stops it and prints what each cost.
 * `npm run demo -- --live` talks to the real providers whose API key is set.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { live } = parseArgs({ options: { live: { type: 'boolean', default: false } } }).values;
const features = live ? liveFeatures() : ['chat', 'triage', 'letter', 'summary'];

/** How often each customer uses what. */
const TRAFFIC: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'key-of-acme': { chat: 4, triage: 2, letter: 3 },
  'key-of-globex': { chat: 3, summary: 4 },
  'key-of-initech': { triage: 5, letter: 1, summary: 1 },
};

const directory = mkdtempSync(join(tmpdir(), 'costspan-demo-'));
const db = join(directory, 'costs.db');
console.log(
  live
    ? 'A support desk with three customers, answering through the real providers.'
    : 'A support desk with three customers, on the OpenAI and Anthropic SDKs (loopback providers, no keys needed).',
);

const app = startApp();
const [url] = (await once(createInterface(app.stdout), 'line')) as [string];
const started = performance.now();
const answers = await sendTraffic(url);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
app.kill('SIGTERM');
await once(app, 'exit');
const failed = answers.filter((ok) => !ok).length;
console.log(`${answers.length} calls, plain and streamed, all at once on two shared clients: ${seconds} s.`);
console.log(failed === 0 ? '' : `${failed} of them failed; see above.\n`);

console.log('$ costspan report --by customer,model');
const { status } = spawnSync(
  process.execPath,
  [pathOf('../../dist/cli/main.js'), 'report', '--db', db, '--by', 'customer,model'],
  { stdio: 'inherit', env: { COLUMNS: '101', ...process.env } },
);

console.log(`\nThe ledger, an SQLite database: ${db}`);
console.log(`Try next:  npx costspan report --db ${db} --by context.feature`);
console.log(`           npx costspan events --db ${db} --unattributed --json`);
process.exitCode = failed === 0 ? (status ?? 1) : 1;

/** The app in a process of its own, set up by nothing but `--import`. */
function startApp(): ChildProcessByStdio<null, Readable, null> {
  const setup = [...(live ? [] : ['../loopback/start.ts']), '../telemetry.ts'];
  const imports = setup.flatMap((file) => ['--import', new URL(file, import.meta.url).href]);
  return spawn(process.execPath, [...imports, pathOf('app.ts')], {
    cwd: directory,
    // The warning about the unattributed job would stand between the lines; the report shows it.
    env: { OTEL_LOG_LEVEL: 'error', ...process.env, OTEL_SERVICE_NAME: 'support-desk' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Everything at once, so that the calls of all customers interleave. Each answer is whether it arrived whole. */
async function sendTraffic(app: string): Promise<boolean[]> {
  const requests = Object.entries(TRAFFIC).flatMap(([key, counts]) =>
    Object.entries(counts)
      .filter(([feature]) => features.includes(feature))
      .flatMap(([feature, count]) =>
        Array.from({ length: count }, () => send(`${app}/${feature}`, { authorization: `Bearer ${key}` })),
      ),
  );
  if (features.includes('summary')) requests.push(send(`${app}/jobs/summary`, {}));
  return Promise.all(requests);
}

async function send(url: string, headers: Record<string, string>): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'POST', headers });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

/** What the keys at hand allow; the app's clients need some key to be constructed at all. */
function liveFeatures(): string[] {
  const { OPENAI_API_KEY, ANTHROPIC_API_KEY } = process.env;
  if (!OPENAI_API_KEY && !ANTHROPIC_API_KEY) {
    console.error('--live needs OPENAI_API_KEY or ANTHROPIC_API_KEY, or both.');
    process.exit(1);
  }
  process.env.OPENAI_API_KEY ||= 'not-set';
  process.env.ANTHROPIC_API_KEY ||= 'not-set';
  return [...(OPENAI_API_KEY ? ['chat', 'triage'] : []), ...(ANTHROPIC_API_KEY ? ['letter', 'summary'] : [])];
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
