import { Command } from 'commander';
import { CostspanError } from '../errors.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { costToJson } from '../metering/cost-event.ts';
import { explainCost } from '../reports/explain-cost.ts';
import { eventLine } from '../reports/event-line.ts';
import { type CliOutput, dbOption } from './command.ts';
import { withLedger } from './ledger.ts';

interface ExplainOptions {
  readonly db: string;
  readonly json?: true;
}

/** `costspan explain <event-id>`: the arithmetic behind one amount, as it was frozen when the call was made. */
export function explainCommand({ stdout }: CliOutput): Command {
  return new Command('explain')
    .description('the arithmetic behind the cost of one event')
    .argument('<event-id>', 'the id that `costspan events` shows')
    .addOption(dbOption())
    .option('--json', 'the cost as JSON')
    .action(async (id: string, options: ExplainOptions) => {
      await withLedger(options.db, async (ledger) => {
        let event: CostEvent | undefined;
        const adjustments: CostEvent[] = [];
        for await (const found of ledger.events({ id })) event = found;
        if (event === undefined) {
          throw new CostspanError(
            'EVENT_UNKNOWN',
            `There is no event '${id}' in ${options.db}. costspan events shows the ids.`,
          );
        }
        for await (const found of ledger.events({ start: event.timestamp })) {
          if (found.adjusts === id) adjustments.push(found);
        }
        if (options.json === true) {
          stdout.write(`${JSON.stringify({ id, cost: costToJson(event.cost), adjustments })}\n`);
          return;
        }
        stdout.write(`${eventLine(event)}\n\n${explainCost(event.cost)}`);
        for (const adjustment of adjustments) {
          stdout.write(`\nadjusted by ${adjustment.id}\n${explainCost(adjustment.cost)}`);
        }
      });
    });
}
