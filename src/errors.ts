/**
 * The base of every error Costspan raises. A message says what was given, what was expected and what to do.
 *
 * `code` is stable and meant for programs; `cause` keeps what lay underneath.
 *
 * @example
 * try { new SqliteLedger({ path: '' }) } catch (error) {
 *   if (error instanceof CostspanError && error.code === 'INVALID_CONFIG') console.error(error.message);
 * }
 */
export class CostspanError extends Error {
  override readonly name: string = 'CostspanError';
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A wrong option or argument, found when it was given and never in the request path. */
export class ConfigError extends CostspanError {
  override readonly name = 'ConfigError';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('INVALID_CONFIG', message, options);
  }
}

/**
 * Refuses option names that nobody reads, and names the nearest right one.
 *
 * @throws {ConfigError} `new SqliteLedger: unknown option 'file'. Did you mean 'path'? Options: path, durability.`
 */
export function checkOptions(where: string, given: unknown, known: readonly string[]): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null) {
    throw new ConfigError(
      `${where}: expected an options object, got ${describe(given)}. Options: ${known.join(', ')}.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new ConfigError(
      `${where}: unknown option '${name}'.${didYouMean(name, known)} Options: ${known.join(', ')}.`,
    );
  }
}

type Kind = 'text' | 'flag' | 'function' | 'object' | 'positive';

/** What an option's value may be: in words, and as a test. */
const KINDS: Readonly<Record<Kind, readonly [string, (value: unknown) => boolean]>> = {
  text: ['a non-empty string', (value) => typeof value === 'string' && value !== ''],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  function: ['a function', (value) => typeof value === 'function'],
  object: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
  positive: ['a number above 0', (value) => typeof value === 'number' && value > 0],
};

/**
 * Refuses values of another kind than the option takes; those left out are fine.
 *
 * @throws {ConfigError} `new HttpSink: expected 'gzip' to be true or false, got 'yes'.`
 */
export function checkKinds(where: string, given: object, kinds: Readonly<Record<string, Kind>>): void {
  for (const [name, kind] of Object.entries(kinds)) {
    const value: unknown = (given as Readonly<Record<string, unknown>>)[name];
    const [expected, accepts] = KINDS[kind];
    if (value === undefined || accepts(value)) continue;
    throw new ConfigError(`${where}: expected '${name}' to be ${expected}, got ${describe(value)}.`);
  }
}

/** ` Did you mean 'customer'?`, or nothing when no known name is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}

/** The known name closest to what was given: few edits away, or the same idea under the name others use. */
function nearest(given: string, known: readonly string[]): string | undefined {
  const synonym = SYNONYMS[given.toLowerCase()];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(given.length / 2)) + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** What people type who come from another tool. */
const SYNONYMS: Readonly<Record<string, string>> = {
  file: 'path',
  filename: 'path',
  database: 'path',
  db: 'path',
  tenant: 'customer',
  user: 'customer',
  account: 'customer',
  endpoint: 'url',
  exporter: 'sinks',
  sink: 'sinks',
};

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** A short, content-free description of a wrong value for an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.length > 60 ? `a string of ${value.length} characters` : `'${value}'`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  return typeof value;
}
