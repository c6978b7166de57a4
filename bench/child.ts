import { spawnSync } from 'node:child_process';
import type { Figures } from './figures.ts';

/** Runs a program in a process of its own, and reads the figures that it prints last. */
export function figuresOf(name: string, args: readonly string[]): Figures {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) {
    throw new Error(
      `${name}: ${args.join(' ')} printed no figures and ended with ${signal ?? status}.\n${stderr}`,
    );
  }
  return JSON.parse(line) as Figures;
}
