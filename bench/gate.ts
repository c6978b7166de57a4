/**
 * The bench gate: that a plain chat has not become dearer, in CPU beside the bare SDK's and in memory, within half a
 * minute. `npm run build && node bench/gate.ts`
 */
import { figuresOf } from './child.ts';
import { type Figures, median, short } from './figures.ts';
import { installPeers } from './install.ts';
import { CHAT } from './workloads.ts';

/** What the whole pipeline may take; docs/performance.md says what it takes. */
const MOST_CPU = 8;
const MOST_KB = 100;
const ROUNDS = 3;

const OURS = ['bare, for Costspan', 'Costspan, ledger in batches'] as const;
const PEER = ['bare, for OpenTelemetry', 'OpenTelemetry'] as const;

installPeers(['costspan', 'opentelemetry']);
const seen = new Map<string, Figures[]>([...OURS, ...PEER].map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [variant, all] of seen) {
    const task = JSON.stringify({ variant, workloads: [CHAT.name] });
    all.push(figuresOf(variant, ['bench/request-path.ts', task]));
  }
}

const of = (name: string, unit: string): number =>
  median((seen.get(name) ?? []).map((figures) => figures[`${CHAT.name}: ${unit}`] ?? Number.NaN));
const added = ([bare, observed]: readonly [string, string], unit: string): number =>
  of(observed, unit) - of(bare, unit);

const cpu = of(OURS[1], 'CPU µs') / of(OURS[0], 'CPU µs');
const memory = added(OURS, 'kB allocated');
console.log(
  `A plain chat, all of Costspan: ${short(cpu)} × the CPU of the bare call (${short(added(OURS, 'CPU µs'))} µs more; ` +
    `OpenTelemetry's span adds ${short(added(PEER, 'CPU µs'))}), and ${short(memory)} kB more allocated ` +
    `(${short(added(PEER, 'kB allocated'))}).`,
);
const faults = [
  ...(cpu <= MOST_CPU
    ? []
    : [`it takes ${short(cpu)} × the CPU of the bare call, and at most ${MOST_CPU} × is allowed`]),
  ...(memory <= MOST_KB ? [] : [`it allocates ${short(memory)} kB more, and at most ${MOST_KB} are allowed`]),
];
if (faults.length > 0) {
  console.error(
    `The request path has become slower: ${faults.join('; ')}. Find out what did it with npm run bench.`,
  );
  process.exitCode = 1;
}
