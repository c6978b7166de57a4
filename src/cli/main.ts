#!/usr/bin/env node
import { unsupportedNode } from '../base/node-version.ts';

// The rest is loaded only after this check: an older Node stops at `import 'node:sqlite'` with an error that
// says nothing about versions.
const refusal = unsupportedNode(process.versions.node);
if (refusal === undefined) {
  const { runCli } = await import('./program.ts');
  // `costspan events | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.exitCode = await runCli(process.argv.slice(2), process);
} else {
  process.stderr.write(`${refusal}\n`);
  process.exitCode = 1;
}
