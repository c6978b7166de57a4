import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CliOutput } from '../command.ts';
import { mergeReports, type RunReport } from './run-report.ts';

export interface ApplicationRun {
  /** Undefined when no process of it could be watched. */
  readonly report?: RunReport;
  /** As a shell says it: 128 + number for a signal. */
  readonly exitCode: number;
}

/**
 * Runs the application with the probe inside, in all its Node processes, until it ends or `seconds` have passed. What
 * it prints goes to stderr, because stdout belongs to the doctor.
 */
export async function runApplication(
  [command = '', ...args]: readonly string[],
  folder: string,
  seconds: number | undefined,
  { stderr }: CliOutput,
): Promise<ApplicationRun> {
  const scratch = mkdtempSync(join(tmpdir(), 'costspan-doctor-'));
  try {
    const options = [process.env.NODE_OPTIONS, `--import=${probe()}`].filter(Boolean).join(' ');
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: options, COSTSPAN_DOCTOR: scratch },
      stdio: ['inherit', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => stderr.write(chunk));
    // Ctrl-C ends the application; the doctor stays to say what it saw.
    const stop = (): void => void child.kill('SIGINT');
    process.on('SIGINT', stop);
    const timer = seconds === undefined ? undefined : setTimeout(() => child.kill('SIGTERM'), seconds * 1000);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
    const exitCode = await promise.finally(() => {
      clearTimeout(timer);
      process.off('SIGINT', stop);
    });
    const reports = readdirSync(scratch).map(
      (file) => JSON.parse(readFileSync(join(scratch, file), 'utf8')) as RunReport,
    );
    return reports.length === 0 ? { exitCode } : { exitCode, report: mergeReports(reports) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `dist/cli/probe.js` of this very package. */
function probe(): string {
  const manifest = createRequire(import.meta.url).resolve('costspan/package.json');
  return pathToFileURL(join(dirname(manifest), 'dist/cli/probe.js')).href;
}
