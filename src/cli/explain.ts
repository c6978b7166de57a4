import { Command } from 'commander';
import { CostspanError } from '../base/errors.ts';
import type { CostEvent } from '../metering/cost-event.ts';
import { costToJson } from '../metering/event-json.ts';
import { sourcesOf } from '../pricing/shipped/list-prices.ts';
import { explainCost } from '../reports/explain-cost.ts';
import { type Explanation, explanationOf } from '../reports/explanation.ts';
import type { SuppressedSpan } from '../dialects/suppressed.ts';
import { eventLine } from '../reports/event-line.ts';
import { printable } from '../reports/labels.ts';
import { type CliOutput, dbOption } from './command.ts';
import { withLedger } from './with-ledger.ts';

interface ExplainOptions {
  readonly db: string;
  readonly json?: true;
}

/** Where the built-in price was read, and when. */
function sourceLines({ cost, ...event }: CostEvent): string {
  const query = { ...event, ...event.priceInputs, at: event.timestamp };
  return (cost.price === undefined ? [] : sourcesOf(cost.price, query))
    .map(({ source, asOf }) => `read    ${source} (${asOf})\n`)
    .join('');
}

/** `costspan explain <event-id>`: the arithmetic behind one amount, as it was frozen when the call was made. */
export function explainCommand({ stdout }: CliOutput): Command {
  return new Command('explain')
    .description('the arithmetic behind the cost of one event')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan explain 019aa1c2-7d3e-7c51-9f04-5b1f6a0c2d11\n  costspan explain 019aa1c2-7d3e-7c51-9f04-5b1f6a0c2d11 --json\n',
    )
    .argument('<event-id>', 'the id that `costspan events` shows')
    .addOption(dbOption())
    .option('--json', 'the cost as JSON')
    .action(async (id: string, options: ExplainOptions) => {
      const found = await withLedger(options.db, (ledger) => explanationOf(ledger, id));
      if (found === undefined) {
        throw new CostspanError(
          'EVENT_UNKNOWN',
          `There is no event '${id}' in ${options.db}. costspan events shows the ids.`,
        );
      }
      const { event, adjustments, suppressed } = found;
      const json = {
        id,
        cost: costToJson(event.cost),
        adjustments,
        suppressed: suppressed.map(suppressedToJson),
      };
      stdout.write(options.json === true ? `${JSON.stringify(json)}\n` : explanationText(found));
    });
}

/** The event on a line, its arithmetic, and what was said about it since. */
export function explanationText({ event, adjustments, suppressed }: Explanation): string {
  const lines = suppressed.map((span) => `  ${printable(suppressedLine(span))}\n`);
  return [
    `${eventLine(event)}\n\n${explainCost(event.cost)}${sourceLines(event)}`,
    ...adjustments.map(({ id, cost }) => `\nadjusted by ${id}\n${explainCost(cost)}`),
    ...(lines.length === 0 ? [] : ['\nnot billed again: the same call, as others saw it\n', ...lines]),
  ].join('');
}

function suppressedLine({ reason, name, scope, traceId, spanId }: SuppressedSpan): string {
  return `${reason}  ${name}  (${scope})  trace ${traceId} span ${spanId}`;
}

export function suppressedToJson({ traceId, spanId, ...span }: SuppressedSpan): object {
  return { ...span, trace_id: traceId, span_id: spanId };
}
