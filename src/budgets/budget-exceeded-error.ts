import type { Decimal } from '../base/decimal.ts';
import { CostspanError } from '../base/errors.ts';
import type { BudgetMeasure } from './budget.ts';

/** What a refused call met. Amounts are decimal text in the budget's currency, or a number of tokens or calls. */
export interface BudgetRefusal {
  readonly budgetId: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly period: { readonly start?: Date; readonly end?: Date; readonly timeZone: string };
  readonly measure: BudgetMeasure;
  readonly currency: string;
  readonly limit: Decimal;
  readonly spent: Decimal;
  readonly held: Decimal;
  /** What the call was going to need; absent where that cannot be told. */
  readonly estimate?: Decimal;
  /** When the period ends, and calls are admitted again; absent for a budget without an end. */
  readonly resetsAt?: Date;
  /** Why, in words. */
  readonly reason: string;
}

/**
 * A call was refused by a budget, before anything was sent: the provider saw nothing and bills nothing. Trying again
 * before `resetsAt` is refused again; agent frameworks should stop instead.
 *
 * @example
 * try {
 *   await openai.chat.completions.create(request);
 * } catch (error) {
 *   if (!(error instanceof BudgetExceededError)) throw error;
 *   reply = error.toHttpResponse();
 * }
 */
export class BudgetExceededError extends CostspanError implements BudgetRefusal {
  override readonly name = 'BudgetExceededError';
  readonly budgetId: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly period: BudgetRefusal['period'];
  readonly measure: BudgetMeasure;
  readonly currency: string;
  readonly limit: Decimal;
  readonly spent: Decimal;
  readonly held: Decimal;
  declare readonly estimate?: Decimal;
  declare readonly resetsAt?: Date;
  readonly reason: string;
  /** 402 Payment Required: not 429, which frameworks try again. */
  readonly status = 402;
  readonly retryable = false;

  constructor(refusal: BudgetRefusal) {
    super('BUDGET_EXCEEDED', messageOf(refusal));
    this.budgetId = refusal.budgetId;
    this.scope = refusal.scope;
    this.period = refusal.period;
    this.measure = refusal.measure;
    this.currency = refusal.currency;
    this.limit = refusal.limit;
    this.spent = refusal.spent;
    this.held = refusal.held;
    if (refusal.estimate !== undefined) this.estimate = refusal.estimate;
    if (refusal.resetsAt !== undefined) this.resetsAt = refusal.resetsAt;
    this.reason = refusal.reason;
  }

  /** The refusal for an HTTP client: status 402, a JSON body, `Retry-After` where the period ends. */
  toHttpResponse(): Response {
    const { budgetId, scope, limit, spent, currency, measure, resetsAt } = this;
    const headers = new Headers({ 'content-type': 'application/json' });
    if (resetsAt !== undefined) headers.set('retry-after', resetsAt.toUTCString());
    const error = {
      type: 'budget_exceeded',
      message: this.message,
      budget_id: budgetId,
      scope,
      measure,
      limit,
      spent,
      currency,
      resets_at: resetsAt?.toISOString() ?? null,
    };
    return new Response(JSON.stringify({ error }), { status: this.status, headers });
  }
}

function messageOf({
  budgetId,
  scope,
  limit,
  spent,
  held,
  measure,
  currency,
  resetsAt,
  reason,
}: BudgetRefusal): string {
  const unit = measure === 'cost' || measure === 'charge' ? currency : measure;
  const whom = Object.entries(scope).map(([key, value]) => `${key} '${value}'`);
  const where = whom.length === 0 ? '' : ` for ${whom.join(', ')}`;
  const under = held === '0' ? '' : `, ${held} set aside for calls under way`;
  const until = resetsAt === undefined ? '' : ` It starts anew at ${resetsAt.toISOString()}.`;
  return `Budget '${budgetId}'${where}: ${reason} Limit ${limit} ${unit}, spent ${spent}${under}.${until}`;
}
