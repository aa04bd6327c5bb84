/** Adds up vitest's JSON reports and the steps of `.ci/run`; prints the closing line and exits 1 when anything failed. */
import { readFileSync } from 'node:fs';

const [passedSteps, failedSteps, ...reports] = process.argv.slice(2);
let passed = Number(passedSteps);
let failed = Number(failedSteps);
for (const file of reports) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numFailedTestSuites: number;
      numTotalTests: number;
      success: boolean;
    };
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    // A file that did not even load has no failed tests of its own; an empty run proves nothing.
    if ((!report.success && report.numFailedTests === 0) || report.numTotalTests === 0) failed += 1;
  } catch {
    process.stdout.write(`No report at ${file}\n`);
    failed += 1;
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
