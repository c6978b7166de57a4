import { once } from 'node:events';
import { Option } from 'commander';
import { ConfigError, CostspanError, describe } from '../base/errors.ts';
import type { Served } from '../receiver/serve.ts';
import { argument } from './command.ts';

/** Where a command listens, as it was typed. */
export interface Place {
  readonly port: number;
  readonly host: string;
}

export function portOption(usual: number): Option {
  return new Option('--port <port>', 'where to listen').argParser(argument(parsePort)).default(usual);
}

export function hostOption(): Option {
  return new Option(
    '--host <address>',
    'the address to listen on; beyond this machine a token is needed',
  ).default('127.0.0.1');
}

/** @throws {CostspanError} `CANNOT_LISTEN`, with what to do about it. */
export async function listening(starting: Promise<Served>, { port, host }: Place): Promise<Served> {
  try {
    return await starting;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === 'EADDRINUSE' ? 'Something listens there already; choose another --port.' : String(error);
    throw new CostspanError('CANNOT_LISTEN', `Cannot listen on ${host}:${port}. ${advice}`, { cause: error });
  }
}

/** Resolves when somebody asks the process to stop: Ctrl-C, or a supervisor. */
export async function untilStopped(): Promise<void> {
  const stop = new AbortController();
  await Promise.race(
    (['SIGINT', 'SIGTERM'] as const).map((signal) => once(process, signal, { signal: stop.signal })),
  );
  stop.abort();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new ConfigError(`Expected a port from 0 to 65535, got ${describe(text)}.`);
}
