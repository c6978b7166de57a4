import type { SdkSighting } from '../../instrumentations/sightings.ts';

/** What the probe saw in one process of the application. */
export interface RunReport {
  /** Whether a processor or exporter of ours listened to calls. */
  readonly metered: boolean;
  readonly calls: number;
  /** Model → why the shipped price list has no price for it. */
  readonly unpriced: Readonly<Record<string, string>>;
  /** SDK packages that were loaded. `early`: before the instrumentations and hooks of ours. */
  readonly loaded: Readonly<Record<string, { readonly early: boolean }>>;
  /** As `health().instrumentations`. */
  readonly instrumentations: readonly SdkSighting[];
  /** POST requests to known providers, by host. */
  readonly requests: Readonly<Record<string, number>>;
  /** Hosts of providers that were sent our baggage. */
  readonly leaks: readonly string[];
  /** What Costspan said in this process. */
  readonly warnings: readonly string[];
}

/** Several processes (an `npm start`, workers, a cluster) as one. */
export function mergeReports(reports: readonly RunReport[]): RunReport {
  const requests: Record<string, number> = {};
  const loaded: Record<string, { early: boolean }> = {};
  for (const report of reports) {
    for (const [host, count] of Object.entries(report.requests))
      requests[host] = (requests[host] ?? 0) + count;
    for (const [name, { early }] of Object.entries(report.loaded))
      loaded[name] = { early: early || loaded[name]?.early === true };
  }
  return {
    metered: reports.some(({ metered }) => metered),
    calls: reports.reduce((sum, { calls }) => sum + calls, 0),
    unpriced: Object.assign({}, ...reports.map(({ unpriced }) => unpriced)) as Record<string, string>,
    loaded,
    instrumentations: reports.flatMap(({ instrumentations }) => instrumentations),
    requests,
    leaks: [...new Set(reports.flatMap(({ leaks }) => leaks))],
    warnings: [...new Set(reports.flatMap(({ warnings }) => warnings))],
  };
}
