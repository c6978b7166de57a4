/**
 * Writes docs/compatibility.md from what the suites saw: `npm run test:suites setups any-sdk && node
 * scripts/compatibility.ts`. Rows stand in the order they were tried; those that were not tried this time stay.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SeenSdk } from '../test/suites/any-sdk/seen.ts';
import type { Row } from '../test/suites/setups/environment.ts';

const DOCUMENT = 'docs/compatibility.md';
const before = readFileSync(DOCUMENT, 'utf8');

const day = new Date().toISOString().slice(0, 10);
const cell = (text: string): string => text.replaceAll('|', '\\|');
const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const environments = table(
  '| environment |',
  ['agents', 'tools', 'next', 'runtimes'].flatMap((name) =>
    (saw(`test/suites/setups/.cache/${name}.json`) as readonly Row[]).map(
      ({ environment, versions, how, result }) => line([environment, versions, `\`${how}\``, result]),
    ),
  ),
  3,
);
const sdks = table(
  '| SDK |',
  ['sdks', 'ai-sdk'].flatMap((name) =>
    (saw(`test/suites/any-sdk/.cache/${name}.json`) as readonly SeenSdk[]).map(
      ({ sdk, version, calls, net, own }) =>
        line([`\`${sdk}\``, version, calls.join('; '), net ?? '', own ?? '']),
    ),
  ),
  2,
);

/** What a suite wrote down; nothing where it was not run. */
function saw(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

/** The rows of a table: each by what was seen now, else as it stood. `key`: how many cells say what was tried. */
function table(head: string, now: readonly string[], key: number): string {
  const keyOf = (row: string): string => row.split(' | ').slice(0, key).join(' | ');
  const lines = before.split('\n');
  const start = lines.findIndex((each) => each.startsWith(head));
  const old = start === -1 ? [] : lines.slice(start + 2, lines.indexOf('', start));
  const rows = new Map([...old, ...now].map((row) => [keyOf(row), row]));
  return [...rows.values()].join('\n');
}

writeFileSync(
  DOCUMENT,
  `# Compatibility

Tried on ${day}, each with its real packages, by \`npm run test:suites setups\`; this page is written from what it saw
(\`node scripts/compatibility.ts\`). *exact*: a plain and a streamed call are two events with the right customer and the right
amount, the application and its output are as they were, and nothing was sent twice. \`telemetry\` is the three lines of the
README. Node 22.15.0, 22.22.2, 22.23, 24.0.0, 24.11.0, 24.21 and 26.10 are tried by \`npm run test:suites hooks\`, bundles by
\`bundles\`, installs by npm, pnpm and Yarn (node-modules and PnP) into OpenTelemetry 2 and 3 by \`install\`.

| environment | versions | how | result |
|---|---|---|---|
${environments}

## SDKs

Tried by \`npm run test:suites any-sdk\`, each as installed and with its default address, over real HTTP to a loopback server
that answers in the provider's wire. *exact*: one event per call (per hop of a tool loop), with the provider's own figures,
and the same bill through the net alone (\`ProviderFetchInstrumentation\`) and with all instrumentations above it.

| SDK | version | calls | through the net | by its own instrumentation |
|---|---|---|---|---|
${sdks}

\`@aws-sdk/client-bedrock-runtime\` has an HTTP handler of its own and needs \`BedrockInstrumentation\`; Live sockets of
\`@google/genai\` need \`GoogleGenAIInstrumentation\`, realtime sockets of \`openai\` \`OpenAIInstrumentation\`.

## Next.js

The SDKs stay outside of the bundle, and \`instrumentation.ts\` starts Costspan; \`costspan init\` writes both.

\`\`\`ts
// next.config.ts
export default { serverExternalPackages: ['costspan', 'openai', '@anthropic-ai/sdk'] };
\`\`\`

\`\`\`ts
// instrumentation.ts
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startCostspan } = await import('costspan');
  const { SqliteLedger } = await import('costspan/sqlite');
  startCostspan({ sinks: [new SqliteLedger({ path: 'costs.db' })] });
}
\`\`\`

## Bundles, Jest, Bun: where no loader hook sees the SDK

\`\`\`ts
import OpenAI from 'openai';
import { OpenAIInstrumentation } from 'costspan';

// In the module that makes the client.
new OpenAIInstrumentation().manuallyInstrument(OpenAI);
\`\`\`

## What Deno and Bun cannot do

The package runs on both, \`node:sqlite\` and the net included. Bun has no loader hooks: SDKs are not patched as they load, so
pass their classes to \`manuallyInstrument\`, or meter what they send with \`meterFetch(fetch)\` or
\`ProviderFetchInstrumentation\`, where retries count as calls of their own. On neither, what goes past \`fetch\` (\`node:http\`,
sockets) is seen by the net. \`costspan/register\` and the command line are for Node.

Whatever you run, \`costspan doctor -- <what starts it>\` says what stands in the way.
`,
);
