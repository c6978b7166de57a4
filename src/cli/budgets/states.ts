import type { BudgetState } from '../../budgets/budget.ts';
import { printable } from '../../reports/labels.ts';
import { layOut } from '../../reports/table.ts';

/** A table that fits, and a sentence per limit that is going to be reached. */
export function statesTable(states: readonly BudgetState[], width: number): string {
  if (states.length === 0) return 'No budget has counted anything in its period of now.\n';
  const rows = states.map(({ id, scope, spent, held, limit, percent, resetsAt }) => [
    printable(id),
    Object.entries(scope)
      .map(([key, value]) => printable(`${key}=${value}`))
      .join(' '),
    resetsAt?.toISOString().slice(0, 16) ?? 'never',
    spent,
    held,
    limit,
    `${percent.toFixed(1)} %`,
  ]);
  const ahead = states.flatMap(({ id, scope, perHour, reachesLimitAt }) => {
    if (reachesLimitAt === undefined) return [];
    const whom = Object.values(scope).map((value) => ` ${value}`);
    return `${printable(`${id}${whom.join('')}`)} reaches its limit at ${reachesLimitAt.toISOString().slice(0, 16)}, at ${perHour} an hour.`;
  });
  const head = ['budget', 'scope', 'starts anew', 'spent', 'held', 'limit', 'used'];
  const table = layOut(head, rows, { names: 3, width });
  return `${[...table, ...(ahead.length === 0 ? [] : ['', ...ahead])].join('\n')}\n`;
}

/** The JSON form, snake_case as everywhere. */
export function stateToJson({
  id,
  scope,
  period,
  limit,
  spent,
  held,
  remaining,
  percent,
  resetsAt,
  perHour,
  reachesLimitAt,
}: BudgetState): object {
  return {
    id,
    scope,
    period: { start: period.start ?? null, end: period.end ?? null },
    limit,
    spent,
    held,
    remaining,
    percent,
    resets_at: resetsAt ?? null,
    per_hour: perHour ?? null,
    reaches_limit_at: reachesLimitAt ?? null,
  };
}
