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

/** What was thrown, in words: not everything that is thrown is an error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A wrong value in an error message: at most 60 characters of it. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.length > 60 ? `a string of ${value.length} characters` : `'${value}'`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  return typeof value;
}
