// Adds up what the steps of .ci/run left in a folder: Jest's results (*.json), and for every step a file <name>.step
// that says passed or failed. Prints what failed, and as the last line the totals. A skipped test counts as failed.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const [directory] = process.argv.slice(2);
const read = (name) => readFileSync(path.join(directory, name), 'utf8');
const names = readdirSync(directory).sort();
let passed = 0;
let failed = 0;

function fail(count, sentence) {
  if (count === 0) return;
  failed += count;
  console.log(sentence);
}

/** A run of Jest; gives whether it explains that its step failed. */
function addRun(name) {
  const run = JSON.parse(read(`${name}.json`));
  const unrun = run.numPendingTests + run.numTodoTests;
  passed += run.numPassedTests;
  fail(run.numFailedTests, `${name}: ${run.numFailedTests} tests failed`);
  fail(
    run.numRuntimeErrorTestSuites,
    `${name}: ${run.numRuntimeErrorTestSuites} files of tests could not run`,
  );
  fail(unrun, `${name}: ${unrun} tests are skipped or to do, and no test may be`);
  fail(run.numTotalTests === 0 ? 1 : 0, `${name}: there was no test`);
  return run.numFailedTests + run.numRuntimeErrorTestSuites + unrun > 0;
}

for (const file of names.filter((each) => each.endsWith('.step'))) {
  const name = file.replace(/\.step$/, '');
  const went = read(file).trim() === 'passed';
  const explained = names.includes(`${name}.json`) ? addRun(name) : false;
  if (!names.includes(`${name}.json`) && went) passed += 1;
  if (!went && !explained) fail(1, `${name}: the step failed`);
}
if (!names.includes('finished')) fail(1, 'The run broke off before its end');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
