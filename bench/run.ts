/**
 * The whole bench: `npm run bench -- [--processes 7] [--against ../other-checkout] [--only calls,start-up] [--workloads 'chat;responses'] [--dry]`.
 *
 * Every figure is a median over fresh processes. Those of one group take turns, so that what else the machine does
 * falls on all of them alike; only figures of one group may be compared. Writes the tables of docs/performance.md.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { figuresOf } from './child.ts';
import type { Figures } from './figures.ts';
import { installPeers, installed } from './install.ts';
import { callTables, plainTable, sizeTable } from './tables.ts';
import { variants } from './variants.ts';
import { CHAT } from './workloads.ts';

const { values: options } = parseArgs({
  options: {
    processes: { type: 'string', default: '7' },
    against: { type: 'string' },
    only: { type: 'string' },
    workloads: { type: 'string' },
    events: { type: 'string', default: '1000000' },
    dry: { type: 'boolean', default: false },
  },
});

/** Programs that take turns, each printing one line of JSON. */
type Group = Readonly<Record<string, readonly string[]>>;

installPeers();
const server = fork('bench/server.ts');
const [address] = (await once(server, 'message')) as [string];
const child = (file: string, task?: object): readonly string[] =>
  task === undefined ? [file] : [file, JSON.stringify(task)];
const all = variants(options.against);
const ofVariants = (file: string, task: object): Group =>
  Object.fromEntries(
    all.map(({ name }) => [name, child(file, { variant: name, against: options.against, ...task })]),
  );
const checkouts = {
  Costspan: '.',
  ...(options.against === undefined ? {} : { 'before: Costspan': options.against }),
};

const sections: Readonly<Record<string, () => string>> = {
  calls: () =>
    callTables(all, run(ofVariants('bench/request-path.ts', { workloads: options.workloads?.split(';') }))),
  http: () =>
    callTables(
      all,
      run(ofVariants('bench/request-path.ts', { server: address, workloads: [CHAT.name] })),
      ', HTTP',
    ),
  'start-up': () =>
    plainTable(
      run({
        ...Object.fromEntries(
          Object.entries(checkouts).map(([name, folder]) => [name, child('bench/start-up.ts', { folder })]),
        ),
        OpenTelemetry: child('bench/start-up.ts', {
          folder: 'bench/peers/opentelemetry',
          names: ['@opentelemetry/instrumentation-openai'],
        }),
        OpenLLMetry: child('bench/start-up.ts', {
          folder: 'bench/peers/openllmetry',
          names: ['@traceloop/instrumentation-openai'],
        }),
        OpenInference: child('bench/start-up.ts', {
          folder: 'bench/peers/openinference',
          names: ['@arizeai/openinference-instrumentation-openai'],
        }),
        Langfuse: child('bench/start-up.ts', { folder: 'bench/peers/langfuse', names: ['@langfuse/openai'] }),
      }),
    ),
  installed: () => sizeTable(installed()),
  ledger: () => plainTable(run({ SqliteLedger: ['bench/ledger.ts', options.events] }, 3)),
  delivery: () => plainTable(run({ sinks: ['bench/delivery.ts', address] })),
  net: () => plainTable(run({ fetch: ['bench/net.ts'] })),
  memory: () => plainTable(run({ Costspan: ['bench/memory.ts'] }, 3)),
};

const wanted = options.only?.split(',') ?? Object.keys(sections);
for (const name of wanted) {
  const section = sections[name];
  if (section === undefined)
    throw new Error(`No part is named '${name}'. Parts: ${Object.keys(sections).join(', ')}.`);
  const text = section();
  console.log(`\n## ${name}\n\n${text}`);
  if (!options.dry) writeSection(name, text);
}
if (!options.dry) writeSection('machine', machine());
server.disconnect();

function run(group: Group, processes = Number(options.processes)): ReadonlyMap<string, readonly Figures[]> {
  const seen = new Map<string, Figures[]>(Object.keys(group).map((name) => [name, []]));
  for (let round = 0; round < processes; round++) {
    for (const [name, args] of Object.entries(group)) {
      seen.get(name)?.push(figuresOf(name, ['--expose-gc', ...args]));
    }
  }
  return seen;
}

function machine(): string {
  const load = loadavg().map((value) => value.toFixed(1));
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}, load average ${load.join(', ')} at the end of the run; ${options.processes} processes each.`;
}

/** Between `<!-- name -->` and `<!-- /name -->`. */
function writeSection(name: string, text: string): void {
  const path = 'docs/performance.md';
  const page = readFileSync(path, 'utf8');
  const between = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  writeFileSync(
    path,
    page.replace(between, (_, open: string, close: string) => `${open}\n${text}\n\n${close}`),
  );
}
