import { messageOf } from '../base/errors.ts';
import { Command } from 'commander';
import { type CliOutput, dbOption } from './command.ts';
import { loadMcpSdk } from './mcp/sdk.ts';
import { serveMcp } from './mcp/serve.ts';
import { withLedger } from './with-ledger.ts';

/** `costspan mcp`: the ledger's answers for assistants, over the Model Context Protocol on stdin and stdout. */
export function mcpCommand({ stdout, stderr }: CliOutput): Command {
  return new Command('mcp')
    .description('answer assistants over the Model Context Protocol, on stdin and stdout; read-only')
    .addOption(dbOption())
    .addHelpText(
      'after',
      '\nExamples:\n  costspan mcp --db costs.db\n\nNeeds the package @modelcontextprotocol/sdk. For an assistant:\n  { "command": "npx", "args": ["-y", "-p", "costspan", "-p", "@modelcontextprotocol/sdk", "costspan", "mcp", "--db", "/path/to/costs.db"] }\n',
    )
    .action(async ({ db }: { db: string }) => {
      const sdk = loadMcpSdk();
      if (process.stdin.isTTY)
        stderr.write(
          'costspan mcp is started by an assistant and speaks to it on stdin and stdout; Ctrl+D ends it.\n',
        );
      // An assistant starts this before the application has written anything; the ledger may come later.
      await withLedger(db, async () => undefined).catch((error: unknown) =>
        stderr.write(`${messageOf(error)}\n`),
      );
      await serveMcp(sdk, db, process.stdin, stdout);
    });
}
