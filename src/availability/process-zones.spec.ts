import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Zones that skip hours, half hours, and a whole date, on either side of the date line. */
const PROCESS_ZONES = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'];

/** Left out below: this spec itself, and two that take long and meet the process's zone nowhere else than the rest. */
const LEFT_OUT = ['process-zones\\.spec', 'every-zone\\.spec', 'properties\\.spec'];

interface JestResults {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
}

const run = promisify(execFile);
const requireFromHere = createRequire(resolve('package.json'));

/** A process has one zone from its start on, so each takes a Jest of its own; this package needs no database for it. */
async function runSuiteIn(zone: string, folder: string): Promise<JestResults> {
  const config = { ...(requireFromHere(resolve('jest.config.cjs')) as Record<string, unknown>) };
  delete config.globalSetup;
  delete config.globalTeardown;
  const childConfig = { ...config, rootDir: resolve('.'), testPathIgnorePatterns: LEFT_OUT };
  const outputFile = join(folder, 'results.json');
  const jest = [resolve('node_modules/jest/bin/jest.js'), '--config', JSON.stringify(childConfig)];
  const args = [
    ...jest,
    '--runInBand',
    '--silent',
    '--json',
    '--outputFile',
    outputFile,
    'src/availability/',
  ];
  try {
    await run(process.execPath, args, { env: { ...process.env, TZ: zone }, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { code, stderr } = error as { code?: number; stderr?: string };
    // Jest ends with 1 when a test failed; which one is in the results.
    if (code !== 1) throw new Error(`Jest did not run in ${zone}: ${stderr}`, { cause: error });
  }
  return JSON.parse(await readFile(outputFile, 'utf8')) as JestResults;
}

describe('the availability suite', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'storewatch-zones-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it.each(PROCESS_ZONES)(
    'passes in a process whose own zone is %s',
    async (zone) => {
      const results = await runSuiteIn(zone, folder);
      const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
      expect(tests.filter(({ status }) => status !== 'passed').map(({ title }) => title)).toEqual([]);
      expect(results).toMatchObject({ success: true, numFailedTests: 0, numPendingTests: 0 });
      expect(results.numPassedTests).toBeGreaterThan(100);
      const inForce = tests.some(
        ({ ancestorTitles }) => ancestorTitles[0] === `local time, in a process in ${zone}`,
      );
      expect(inForce).toBe(true);
    },
    120_000,
  );
});
