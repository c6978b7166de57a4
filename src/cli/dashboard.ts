import { Command, Option } from 'commander';
import { known } from '../base/read.ts';
import { readBudgets } from '../budgets/definition.ts';
import { createDashboard } from '../dashboard/dashboard.ts';
import type { OpenedLedger } from '../ledger/ledger.ts';
import { addPeriodOptions, type CliOutput, dbOption } from './command.ts';
import { hostOption, listening, type Place, portOption, untilStopped } from './listen.ts';
import { withLedger } from './with-ledger.ts';

interface DashboardCommandOptions extends Place {
  readonly db: string;
  readonly token?: string;
  readonly tz?: string;
  readonly budgets?: string;
  readonly json?: true;
}

/** `costspan dashboard`: a page over a ledger, on this machine, until it is told to stop. */
export function dashboardCommand({ stdout }: CliOutput): Command {
  const command = new Command('dashboard')
    .description('a page to look at the ledger with, and its JSON API; read-only, on this machine alone')
    .addOption(dbOption())
    .addOption(portOption(4320))
    .addOption(hostOption())
    .addOption(new Option('--token <token>', 'what whoever looks must know').env('COSTSPAN_DASHBOARD_TOKEN'))
    .option('--budgets <file>', 'with the budgets of this file: costspan.budgets.yaml');
  return addPeriodOptions(command, ['tz'])
    .option('--json', 'the address as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan dashboard --db costs.db --tz Europe/Berlin\n  COSTSPAN_DASHBOARD_TOKEN=… costspan dashboard --host 0.0.0.0\n',
    )
    .action(async (options: DashboardCommandOptions) => {
      const { db, port, host, token, tz, budgets, json } = options;
      const show = async (ledger: OpenedLedger): Promise<void> => {
        const dashboard = createDashboard({
          ledger,
          ...known({
            // An empty variable is an unset one.
            token: token === '' ? undefined : token,
            timeZone: tz,
            budgets: budgets === undefined ? undefined : readBudgets(budgets),
          }),
        });
        const served = await listening(dashboard.listen({ port, host }), { port, host });
        stdout.write(
          json === true
            ? `${JSON.stringify({ url: `${served.url}/`, ledger: db })}\n`
            : `dashboard on ${served.url}/\nledger ${db}\n`,
        );
        await untilStopped();
        await served.close();
      };
      // Many may ask at once: what takes long is read beside the thread that answers.
      await withLedger(db, show, { beside: true });
    });
}
