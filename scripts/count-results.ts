/** Adds up vitest's JSON reports of a folder and prints `N passed, N failed[, N skipped]`; fails when none passed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

const [folder = '.cache/results'] = process.argv.slice(2);
const reports = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as VitestReport,
);
const total = (count: (report: VitestReport) => number): number =>
  reports.reduce((sum, report) => sum + count(report), 0);

const passed = total((report) => report.numPassedTests);
const skipped = total((report) => report.numPendingTests);
// A file that fails outside its tests counts as one failure.
const failed = total((report) => report.numFailedTests) || reports.filter((report) => !report.success).length;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(passed === 0 || failed > 0 ? 1 : 0);
