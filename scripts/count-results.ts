/**
 * Adds up vitest's JSON reports of a folder: names every test that failed or was skipped, then prints
 * `N passed, N failed[, N skipped]`. Fails when a test failed, a file did not load, or none passed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

const [folder = '.cache/results'] = process.argv.slice(2);
const reports = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as VitestReport,
);
const total = (count: (report: VitestReport) => number): number =>
  reports.reduce((sum, report) => sum + count(report), 0);

for (const file of reports.flatMap((report) => report.testResults)) {
  const path = relative(process.cwd(), file.name);
  if (file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')) {
    console.log(`failed   ${path}\n${indented(file.message)}`);
  }
  for (const test of file.assertionResults) {
    if (test.status === 'failed') {
      console.log(`failed   ${path} > ${test.fullName}\n${indented(test.failureMessages?.join('\n') ?? '')}`);
    } else if (test.status !== 'passed') {
      console.log(`skipped  ${path} > ${test.fullName}`);
    }
  }
}

const passed = total((report) => report.numPassedTests);
const skipped = total((report) => report.numPendingTests);
// A file that fails outside its tests counts as one failure.
const failed = total((report) => report.numFailedTests) || reports.filter((report) => !report.success).length;

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(passed === 0 || failed > 0 ? 1 : 0);

/** The first lines of a message: enough to know what to look for. */
function indented(message: string): string {
  return stripVTControlCharacters(message)
    .split('\n')
    .slice(0, 30)
    .map((line) => `    ${line}`)
    .join('\n');
}
