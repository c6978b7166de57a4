import type { CostEvent } from '../metering/cost-event.ts';
import { printable } from './labels.ts';

/** One event as one line for people: when, for whom, what was called and consumed, what it cost, and where it was made. */
export function eventLine(event: CostEvent): string {
  const { usage, cost } = event;
  const cached = usage.cacheReadTokens ? ` (${usage.cacheReadTokens} cached)` : '';
  const quantities = [
    ...(usage.inputTokens === undefined ? [] : [`${usage.inputTokens} in${cached}`]),
    ...(usage.outputTokens === undefined ? [] : [`${usage.outputTokens} out`]),
  ].join(' ');
  return [
    event.timestamp.toISOString(),
    customerLabel(event),
    `${event.provider} ${event.responseModel ?? event.requestModel ?? '(no model)'}`,
    event.operation,
    ...(quantities === '' ? [] : [quantities]),
    cost.amount === undefined ? 'unpriced' : `${cost.currency ?? ''} ${cost.amount}`.trim(),
    ...(event.status === 'ok' ? [] : [event.status, ...(event.errorType ? [event.errorType] : [])]),
    ...(event.usageSource === 'estimated' ? ['estimated'] : []),
    ...(event.callSite === undefined ? [] : [`at ${event.callSite}`]),
    event.id,
  ]
    .map(printable)
    .join('  ');
}

function customerLabel(event: CostEvent): string {
  if (event.customer !== null) return event.customer;
  return event.attributionSource === undefined ? '(unattributed)' : '(nobody)';
}
