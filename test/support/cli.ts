import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCli } from '../../src/cli/program.ts';

/** Runs one command line in this process. */
export async function costspan(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const read = Promise.all([text(streams.stdout), text(streams.stderr)]);
  const code = await runCli(args, streams);
  streams.stdout.end();
  streams.stderr.end();
  const [stdout, stderr] = await read;
  return { code, stdout, stderr };
}
