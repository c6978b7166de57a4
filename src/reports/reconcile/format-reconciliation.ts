import type { JsonObject } from '../../base/read.ts';
import { printable } from '../labels.ts';
import { layOut } from '../table.ts';
import { tokensOf } from './causes.ts';
import type { Compared, Reconciliation } from './reconciliation.ts';

/** The ledger beside the report, with the drift and what may explain it. */
export function formatReconciliation(found: Reconciliation, width?: number): string {
  const { provider, start, end, lines, totals, causes } = found;
  const head = ['day', 'model', 'tokens', 'reported', 'drift', 'cost USD', 'reported', 'drift'];
  const row = (names: readonly string[], each: Compared): string[] => [
    ...names,
    String(tokensOf(each.ledger)),
    tokensIn(each.report),
    tokensIn(each.drift),
    each.ledger.cost ?? '',
    each.report.cost ?? '',
    each.drift.cost ?? '',
  ];
  const table = layOut(
    head,
    lines.map((line) => row([line.day, printable(line.model ?? '(not said)')], line)),
    width === undefined ? { names: 2 } : { names: 2, width },
    [row(['total', ''], totals)],
  );
  const why =
    causes.length === 0
      ? ['Nothing to explain.']
      : causes.map(({ code, text }) => `${code}: ${printable(text)}`);
  return `${[`Ledger and report of ${provider}, ${start.toISOString().slice(0, 10)} until ${end.toISOString().slice(0, 10)} (UTC)`, '', ...table, '', ...why].join('\n')}\n`;
}

/** Nothing, where nothing is told. */
function tokensIn(side: Parameters<typeof tokensOf>[0]): string {
  return side.inputTokens === undefined && side.outputTokens === undefined ? '' : String(tokensOf(side));
}

export function reconciliationToJson({ start, end, lines, totals, ...rest }: Reconciliation): JsonObject {
  return {
    ...rest,
    start: start.toISOString(),
    end: end.toISOString(),
    lines: lines.map(({ day, model, causes, ...sides }) => ({ day, model, ...sidesToJson(sides), causes })),
    totals: sidesToJson(totals),
  };
}

function sidesToJson({ ledger, report, drift }: Compared): JsonObject {
  return Object.fromEntries(
    Object.entries({ ledger, report, drift }).map(([name, side]) => [name, snakeCased(side)]),
  );
}

function snakeCased(fields: object): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value as unknown,
    ]),
  );
}
