import { known } from '../base/read.ts';
import type { BudgetNotice } from './notice.ts';

export type NoticeFormat = 'json' | 'slack' | 'otlp';

/** What a webhook is sent, by its format. */
export const BODIES: Readonly<Record<NoticeFormat, (notice: BudgetNotice) => object>> = {
  json: noticeToJson,
  slack: (notice) => ({ text: sentenceOf(notice) }),
  otlp: toLogRequest,
};

/** The JSON form, snake_case as everywhere. */
function noticeToJson({ type, id, timestamp, state, threshold, measure, currency }: BudgetNotice): object {
  return {
    type,
    id,
    timestamp: timestamp.toISOString(),
    data: known({
      budget_id: state.id,
      scope: state.scope,
      period_start: state.period.start?.toISOString(),
      period_end: state.period.end?.toISOString(),
      threshold,
      measure,
      currency: measure === 'cost' || measure === 'charge' ? currency : undefined,
      limit: state.limit,
      spent: state.spent,
      held: state.held,
      remaining: state.remaining,
      percent: state.percent,
      resets_at: state.resetsAt?.toISOString(),
      per_hour: state.perHour,
      reaches_limit_at: state.reachesLimitAt?.toISOString(),
    }),
  };
}

function sentenceOf({ state, threshold, measure, currency }: BudgetNotice): string {
  const unit = measure === 'cost' || measure === 'charge' ? currency : measure;
  const whom = Object.entries(state.scope).map(([key, value]) => `${key} ${value}`);
  const of = whom.length === 0 ? '' : ` for ${whom.join(', ')}`;
  const until = state.resetsAt === undefined ? '' : ` It starts anew at ${state.resetsAt.toISOString()}.`;
  const ahead =
    state.reachesLimitAt === undefined
      ? ''
      : ` As it goes, the limit is reached at ${state.reachesLimitAt.toISOString()}.`;
  return `Budget ${state.id}${of} has passed ${threshold} %: ${state.spent} of ${state.limit} ${unit} spent.${ahead}${until}`;
}

/**
 * `ExportLogsServiceRequest` in OTLP's JSON form with one record, `eventName` `costspan.budget`: WARN for a threshold,
 * ERROR for a limit that is reached.
 */
function toLogRequest(notice: BudgetNotice): object {
  const { id, type, timestamp, state, threshold } = notice;
  const isReached = type === 'budget.exceeded';
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const number = (key: string, value: number) => ({ key, value: { doubleValue: value } });
  const record = {
    timeUnixNano: `${timestamp.getTime()}000000`,
    observedTimeUnixNano: `${timestamp.getTime()}000000`,
    // https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
    severityNumber: isReached ? 17 : 13,
    severityText: isReached ? 'ERROR' : 'WARN',
    eventName: 'costspan.budget',
    body: { stringValue: sentenceOf(notice) },
    attributes: [
      text('costspan.budget.notice.id', id),
      text('costspan.budget.id', state.id),
      number('costspan.budget.threshold', threshold),
      number('costspan.budget.percent', state.percent),
      text('costspan.budget.limit', state.limit),
      text('costspan.budget.spent', state.spent),
      ...Object.entries(state.scope).map(([key, value]) =>
        text(key === 'customer' ? 'costspan.customer' : `costspan.budget.scope.${key}`, value),
      ),
    ],
  };
  return {
    resourceLogs: [
      { resource: { attributes: [] }, scopeLogs: [{ scope: { name: 'costspan' }, logRecords: [record] }] },
    ],
  };
}
