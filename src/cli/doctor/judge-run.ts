import { SUPPORTED } from './supported.ts';
import { type Finding, hint, problem } from './finding.ts';
import type { RunReport } from './run-report.ts';

/** What a run of the application shows. */
export function judgeRun(report: RunReport): readonly Finding[] {
  return [...judgeSdks(report), ...judgeCalls(report), ...judgeWarnings(report.warnings)];
}

const IMPORT = 'node --import ./telemetry.js app.js';

function judgeSdks({ loaded, instrumentations, metered, calls, requests }: RunReport): Finding[] {
  const findings: Finding[] = [];
  const isPatched = (name: string): boolean =>
    instrumentations.some((each) => each.package === name && each.patched);
  for (const [name, { early }] of Object.entries(loaded)) {
    // The net beneath them has what the SDK's own instrumentation lacks.
    if (isPatched(name) || instrumentations.some(({ how, patched }) => how === 'net' && patched)) continue;
    findings.push(
      early
        ? problem(
            'sdk-too-early',
            `${name} was loaded before Costspan, so its calls are not recorded.`,
            `Load the set-up first: ${IMPORT} (or -r ./telemetry.cjs).`,
          )
        : problem(
            'sdk-not-patched',
            `${name} was loaded and is not patched, so its calls are not recorded.`,
            name in SUPPORTED
              ? `Construct the instrumentation of ${name} in your set-up; a test runner or bundler needs manuallyInstrument(${name}).`
              : 'Add new ProviderFetchInstrumentation() to your set-up.',
          ),
    );
  }
  const hosts = Object.keys(requests);
  if (!metered) {
    findings.push(
      problem(
        'not-set-up',
        'No CostSpanProcessor (or CostSpanExporter) was constructed in the application.',
        `Load your set-up first: ${IMPORT}. \`costspan init\` writes one.`,
      ),
    );
  } else if (hosts.length > 0 && calls === 0 && Object.keys(loaded).length === 0) {
    findings.push(
      problem(
        'sdk-bundled',
        `Requests went to ${hosts.join(', ')}, no known SDK was loaded and no call was seen: the SDK is bundled, or not covered.`,
        'Keep it out of the bundle, pass its client class to manuallyInstrument(), or add new ProviderFetchInstrumentation().',
      ),
    );
  }
  return findings;
}

function judgeCalls({ calls, requests, unpriced, leaks, metered, loaded }: RunReport): Finding[] {
  const findings: Finding[] = [];
  if (metered && calls + Object.keys(requests).length + Object.keys(loaded).length === 0) {
    findings.push(
      hint(
        'no-calls',
        'The application made no model call while it ran.',
        'Make it call a model (a test, a request to its server), so that there is something to look at.',
      ),
    );
  }
  for (const [model, why] of Object.entries(unpriced)) {
    findings.push(
      hint(
        'unpriced-model',
        `${model} has no price in the shipped list: ${why}.`,
        'Give it one in a price file (docs/pricing.md), then `costspan reprice`.',
      ),
    );
  }
  for (const host of leaks) {
    findings.push(
      problem(
        'baggage-leaks',
        `The customer was sent to ${host} in a baggage header.`,
        'Use CostBaggagePropagator with outbound: { allow: [...] } for hosts of your own, and construct the instrumentations before the first request.',
      ),
    );
  }
  return findings;
}

/** What Costspan itself said while the application ran: each sentence carries its fix. */
const WARNINGS: readonly [id: string, level: 'problem' | 'hint', pattern: RegExp][] = [
  ['unattributed', 'hint', /^nobody is billed for/],
  ['exporter-replaced', 'problem', /only span processor/],
  ['sdk-out-of-range', 'problem', /outside the tested range/],
  ['sdk-changed', 'problem', /built differently/],
  ['unobserved-request', 'problem', /was not observed/],
  ['hooks-failed', 'problem', /loader hooks could not be installed/],
  ['ledger-unusable', 'problem', /ledger/i],
];

function judgeWarnings(warnings: readonly string[]): Finding[] {
  return warnings.map((warning) => {
    const [id, level] = WARNINGS.find(([, , pattern]) => pattern.test(warning)) ?? ['said', 'hint' as const];
    const [what = warning, fix] = warning.split(/(?<=\.) (?=[A-Z`])/s, 2);
    return { id, level, what, fix: fix ?? 'See docs/attribution.md and docs/delivery.md.' };
  });
}
