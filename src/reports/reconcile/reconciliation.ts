import type { Decimal } from '../../base/decimal.ts';
import type { ReportingProvider } from './provider-report.ts';

/** The ledger beside a provider's own report. */
export interface Reconciliation {
  readonly provider: ReportingProvider;
  readonly start: Date;
  readonly end: Date;
  /** Per UTC day and model, where either side knows of it. */
  readonly lines: readonly ReconciledLine[];
  readonly totals: Compared;
  /** What may explain the drift of the whole period, most telling first. */
  readonly causes: readonly DriftCause[];
}

export interface ReconciledLine extends Compared {
  readonly day: string;
  /** `null`: the report does not say. */
  readonly model: string | null;
  readonly causes: readonly DriftCause[];
}

export interface Compared {
  readonly ledger: Side;
  readonly report: Side;
  /** report − ledger; absent where one side does not say. */
  readonly drift: {
    readonly calls?: number;
    readonly inputTokens?: number;
    readonly outputTokens?: number;
    readonly cost?: Decimal;
  };
}

export interface Side {
  readonly calls?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** In US dollars. */
  readonly cost?: Decimal;
  readonly unpriced?: number;
  readonly estimated?: number;
  readonly tiers: readonly string[];
  readonly keys: readonly string[];
  /** Tokens, in and out, of batches. */
  readonly batchTokens: number;
}

/** A reason why the two sides differ, as far as the figures tell. */
export interface DriftCause {
  readonly code:
    | 'not_instrumented'
    | 'time_zone'
    | 'batch'
    | 'elsewhere'
    | 'estimated'
    | 'late'
    | 'unpriced'
    | 'tier'
    | 'price';
  readonly text: string;
}
