import type { Compared, DriftCause, ReconciledLine, Side } from './reconciliation.ts';

type Line = Omit<ReconciledLine, 'causes'>;

/** What may explain the drift of one day and model; `all` are the lines of the period, for days that make up for each other. */
export function causesOf(line: Line, all: readonly Line[]): DriftCause[] {
  const { model, ledger, report, drift } = line;
  const missing = tokensOf(drift);
  const name = model ?? 'calls without a model';
  if (missing !== 0) {
    const sameModel = all.filter((each) => each.model === model);
    if (sameModel.every((each) => (each.ledger.calls ?? 0) === 0))
      return [
        cause(
          'not_instrumented',
          `${name}: no call is in the ledger. What calls it is not instrumented, or writes to another ledger.`,
        ),
      ];
    if (sameModel.reduce((sum, each) => sum + tokensOf(each.drift), 0) === 0)
      return [
        cause(
          'time_zone',
          `${name}: the days differ and the period agrees. A call is counted on the day it began here, and on the UTC day it ended there.`,
        ),
      ];
    if (missing > 0) {
      const batch = report.batchTokens;
      if (batch > 0 && missing <= batch)
        return [
          cause(
            'batch',
            `${name}: ${batch} tokens were batches. The ledger has a batch once its results were read.`,
          ),
        ];
      const keys = report.keys.length === 0 ? '' : ` Keys in the report: ${report.keys.join(', ')}.`;
      return [
        cause(
          'elsewhere',
          `${name}: ${missing} tokens are not in the ledger. Other processes, scripts or people use the account.${keys}`,
        ),
      ];
    }
    if ((ledger.estimated ?? 0) > 0)
      return [
        cause(
          'estimated',
          `${name}: ${ledger.estimated} calls rest on our own estimates, because the provider sent no usage.`,
        ),
      ];
    return [
      cause(
        'late',
        `${name}: the ledger has more than the report. Reports are late by hours; ask again tomorrow.`,
      ),
    ];
  }
  return moneyCauses(line, name);
}

/** Both ways; what is not told counts as none. */
export function tokensOf({
  inputTokens = 0,
  outputTokens = 0,
}: Pick<Side, 'inputTokens' | 'outputTokens'>): number {
  return inputTokens + outputTokens;
}

function moneyCauses({ ledger, report, drift }: Compared, name: string): DriftCause[] {
  if (drift.cost === undefined || drift.cost === '0') return [];
  if ((ledger.unpriced ?? 0) > 0)
    return [
      cause('unpriced', `${name}: ${ledger.unpriced} calls have no price here. See: costspan prices missing`),
    ];
  const unknownTiers = report.tiers.filter((tier) => !ledger.tiers.includes(tier) && !STANDARD.has(tier));
  if (unknownTiers.length > 0)
    return [
      cause(
        'tier',
        `${name}: the report has the tier ${unknownTiers.join(', ')}, which no call here says it was served by.`,
      ),
    ];
  if (report.inputTokens === undefined && report.outputTokens === undefined && (ledger.calls ?? 0) === 0)
    return [cause('not_instrumented', `${name}: costs in the report, and no call in the ledger.`)];
  return [
    cause(
      'price',
      `${name}: the same tokens at another price: a discount, credits, or a price that changed. Put yours in a price file.`,
    ),
  ];
}

/** What a report says of calls that asked for no tier. */
const STANDARD: ReadonlySet<string> = new Set(['default', 'standard', 'standard_only', 'auto']);

function cause(code: DriftCause['code'], text: string): DriftCause {
  return { code, text };
}
