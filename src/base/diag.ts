import { shared } from './process.ts';

/**
 * OpenTelemetry's `diag`, for messages that must arrive. What is said before a logger exists is kept for the first one;
 * where none is set within a second, errors and warnings go to stderr, each once. `OTEL_LOG_LEVEL` says how much
 * (default `warn`; `none` silences). Nothing is ever thrown: a logger of the application's that fails must not break
 * the request it reports on.
 */
export const diag = {
  error: (message: string, ...args: unknown[]): void => say({ level: 'error', message, args }),
  warn: (message: string, ...args: unknown[]): void => say({ level: 'warn', message, args }),
  info: (message: string, ...args: unknown[]): void => say({ level: 'info', message, args }),
  debug: (message: string, ...args: unknown[]): void => say({ level: 'debug', message, args }),
} as const;

const LEVELS = ['none', 'error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

interface Message {
  readonly level: Exclude<Level, 'none'>;
  readonly message: string;
  readonly args: readonly unknown[];
}

interface State {
  /** Said before there was a logger, oldest first. */
  readonly kept: Message[];
  /** Printed on stderr: each text once. */
  readonly printed: Set<string>;
  /** `waiting`: a logger may still come. `alone`: none came, so stderr is the place. */
  phase: 'idle' | 'waiting' | 'alone';
}

const PATIENCE_MS = 1000;
const POLL_MS = 50;
const MAX_KEPT = 100;
const MAX_PRINTED = 1000;

function say(message: Message): void {
  const logger = loggerSet();
  if (logger !== undefined) {
    handOver(logger);
    return tell(logger, message);
  }
  if (!isWanted(message.level)) return;
  const state = ours();
  if (state.phase === 'alone') return print(message);
  if (state.kept.length < MAX_KEPT) state.kept.push(message);
  if (state.phase === 'idle') waitForLogger();
}

/** Where every copy of `@opentelemetry/api` 1.x keeps the logger that was set, whatever its version. */
const API = Symbol.for('opentelemetry.js.api.1');
type Logger = Readonly<Record<Exclude<Level, 'none'>, (message: string, ...args: unknown[]) => void>>;

function loggerSet(): Logger | undefined {
  return (globalThis as { [API]?: { readonly diag?: Logger } })[API]?.diag;
}

function waitForLogger(): void {
  const state = ours();
  state.phase = 'waiting';
  let waited = 0;
  const poll = setInterval(() => {
    waited += POLL_MS;
    if (loggerSet() === undefined && waited < PATIENCE_MS) return;
    clearInterval(poll);
    process.removeListener('exit', sayKept);
    sayKept();
  }, POLL_MS);
  poll.unref();
  // A process that ends sooner still says what it has to say.
  process.once('exit', sayKept);
}

/** Nobody is waited for any longer: what was kept goes to the logger, or to stderr. */
export function sayKept(): void {
  const state = ours();
  const logger = loggerSet();
  state.phase = logger === undefined ? 'alone' : 'idle';
  if (logger !== undefined) return handOver(logger);
  for (const message of state.kept.splice(0)) print(message);
}

function handOver(logger: Logger): void {
  for (const message of ours().kept.splice(0)) tell(logger, message);
}

function tell(logger: Logger, { level, message, args }: Message): void {
  try {
    logger[level](message, ...args);
  } catch {
    // The logger itself failed; there is nowhere else to say it.
  }
}

function print({ message, args }: Message): void {
  const { printed } = ours();
  const text = [message, ...args.map(inWords)].join(': ');
  if (printed.has(text) || printed.size >= MAX_PRINTED) return;
  printed.add(text);
  try {
    console.error(text); // oxlint-disable-line no-console -- stderr; unlike process.stderr.write it survives a closed pipe
  } catch {
    // A console of the application's own.
  }
}

/** An error in one line. */
function inWords(arg: unknown): string {
  try {
    return String(arg);
  } catch {
    return 'an error that cannot be shown';
  }
}

function isWanted(level: Level): boolean {
  const named = process.env.OTEL_LOG_LEVEL?.trim().toLowerCase();
  const wanted = named === 'all' || named === 'verbose' ? 'debug' : LEVELS.find((each) => each === named);
  return LEVELS.indexOf(level) <= LEVELS.indexOf(wanted ?? 'warn');
}

function ours(): State {
  return shared('diag', () => ({ kept: [], printed: new Set(), phase: 'idle' }));
}
