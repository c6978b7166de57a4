import { Command, CommanderError } from 'commander';
import { CostspanError } from '../base/errors.ts';
import { PACKAGE_VERSION } from '../version.ts';
import type { CliOutput, CommandFactory } from './command.ts';
import { completionCommand } from './completion.ts';
import { budgetsCommand } from './budgets.ts';
import { customersCommand } from './customers.ts';
import { dashboardCommand } from './dashboard.ts';
import { doctorCommand } from './doctor.ts';
import { eventsCommand } from './events.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { invoiceCommand } from './invoice.ts';
import { ledgerCommand } from './ledger.ts';
import { mcpCommand } from './mcp.ts';
import { outboxCommand } from './outbox.ts';
import { pricesCommand } from './prices.ts';
import { receiveCommand } from './receive.ts';
import { reconcileCommand } from './reconcile.ts';
import { reportCommand } from './report.ts';
import { repriceCommand } from './reprice.ts';

/** Every command, in the order the help shows them. A new one is one file and one line here. */
const COMMANDS: readonly CommandFactory[] = [
  reportCommand,
  eventsCommand,
  explainCommand,
  outboxCommand,
  pricesCommand,
  repriceCommand,
  receiveCommand,
  mcpCommand,
  dashboardCommand,
  exportCommand,
  invoiceCommand,
  customersCommand,
  budgetsCommand,
  reconcileCommand,
  importCommand,
  ledgerCommand,
  doctorCommand,
  initCommand,
  completionCommand,
];

/** Runs one command line and resolves with the exit code; what went wrong is on `stderr`. */
export async function runCli(args: readonly string[], output: CliOutput): Promise<number> {
  try {
    await createProgram(output).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its message already; `--help` and `--version` end this way too, with code 0.
    if (error instanceof CommanderError) return error.exitCode;
    output.stderr.write(`error: ${error instanceof CostspanError ? error.message : String(error)}\n`);
    return 1;
  }
}

function createProgram(output: CliOutput): Command {
  const program = new Command('costspan')
    .description(
      'What each of your customers costs you in LLM calls, from the ledger your application writes.',
    )
    .version(PACKAGE_VERSION)
    .showHelpAfterError('(costspan --help, or costspan help <command>, shows what there is)');
  for (const create of COMMANDS) program.addCommand(create(output));
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => output.stdout.write(text),
      writeErr: (text) => output.stderr.write(text),
    });
  }
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
