import { list, object } from '../../base/read.ts';
import type { Reading } from '../reading.ts';
import { type Counts, fields, readingOf, takeUsed } from '../usage-block.ts';

/** Words and regular expressions (`wordPolicyUnits`, `sensitiveInformationPolicyFreeUnits`) are free. */
const UNITS = fields({
  contentPolicyUnits: 'guardrailContentUnits',
  contentPolicyImageUnits: 'guardrailImages',
  topicPolicyUnits: 'guardrailTopicUnits',
  sensitiveInformationPolicyUnits: 'guardrailSensitiveInformationUnits',
  contextualGroundingPolicyUnits: 'guardrailGroundingUnits',
  automatedReasoningPolicyUnits: 'guardrailReasoningUnits',
});

/**
 * The text units that guardrails billed, added up over the assessments of input and output. They are told only when
 * the guardrail's trace is on.
 */
export function guardrailUsage(guardrail: unknown): Counts {
  const sum: Counts = {};
  for (const assessment of assessmentsIn(guardrail, 0)) {
    const units: Counts = {};
    takeUsed(units, object(object(assessment)?.invocationMetrics)?.usage, UNITS);
    for (const name of Object.keys(units) as (keyof Counts)[])
      sum[name] = (sum[name] ?? 0) + (units[name] ?? 0);
  }
  return sum;
}

/** A guardrail applied by itself. */
export function readGuardrail(body: unknown): Reading {
  const raw = object(body)?.usage;
  const usage: Counts = {};
  takeUsed(usage, raw, UNITS);
  return readingOf(raw, usage);
}

/** `{ inputAssessment: { id: … }, outputAssessments: { id: […] } }`, or `{ input: { id: … }, outputs: [{ id: … }] }`. */
function assessmentsIn(value: unknown, depth: number): readonly unknown[] {
  const inner = object(value);
  if (inner?.invocationMetrics !== undefined) return [inner];
  if (depth > MAX_DEPTH) return [];
  return (inner === undefined ? list(value) : Object.values(inner)).flatMap((item) =>
    assessmentsIn(item, depth + 1),
  );
}

const MAX_DEPTH = 3;
