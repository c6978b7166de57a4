import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of the table of SDKs in docs/compatibility.md. */
export interface SeenSdk {
  readonly sdk: string;
  readonly version: string;
  readonly calls: readonly string[];
  /** What the net beneath makes of its calls, and what its own instrumentation does; absent where it has none. */
  readonly net?: string;
  readonly own?: string;
}

const CACHE = join(import.meta.dirname, '.cache');

/** Which packages a title starts with, and where their versions stand. */
const NAMES: readonly (readonly [title: RegExp, name: string, folder: string, hasOwn: boolean])[] = [
  [/^@google\/genai 1 /, '@google/genai', 'genai1', true],
  [/^@google\/genai 2 /, '@google/genai', 'genai2', true],
  [/^@google\/genai 3 /, '@google/genai', 'genai3', true],
  [/^ai 5 /, 'ai', 'ai5', false],
  [/^ai 6 /, 'ai', 'ai6', false],
  [/^ai 7 /, 'ai', 'ai7', false],
  [/^openai /, 'openai', '../../../../node_modules/openai', true],
  [/^@anthropic-ai\/sdk /, '@anthropic-ai/sdk', '../../../../node_modules/@anthropic-ai/sdk', true],
];

/** Writes what was billed exactly, by the titles of the tests that passed: `groq-sdk chat, streamed`. */
export function writeSeen(file: string, titles: readonly string[]): void {
  const rows = new Map<string, SeenSdk>();
  for (const title of titles) {
    const [, name, folder, hasOwn] = NAMES.find(([start]) => start.test(title)) ?? [
      '',
      ...plain(title),
      false,
    ];
    const { version } = JSON.parse(
      readFileSync(join(import.meta.dirname, 'node_modules', folder, 'package.json'), 'utf8'),
    ) as { version: string };
    const call = title.slice(name.length + 1).replace(/^\d /, '');
    const row = rows.get(folder) ?? {
      sdk: name,
      version,
      calls: [],
      net: 'exact',
      ...(hasOwn ? { own: 'exact' } : {}),
    };
    rows.set(folder, { ...row, calls: [...row.calls, call] });
  }
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, `${file}.json`), JSON.stringify([...rows.values()]));
}

function plain(title: string): [name: string, folder: string] {
  const [name = ''] = title.split(' ');
  return [name, name];
}
