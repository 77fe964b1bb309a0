// `npm run test:distributed`: the tests of loading and reports on the database that TEST_CITUS_URL names, distributed.
// With `--plain` the same on a PostgreSQL that has no Citus, which tries this run and nothing of Citus.
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { root } from './prepare.mjs';

const CONFIGURATION = 78;
/** What loads, folds, edits and reads facts, and makes reports of them. */
const SPECS = [
  'test/ingestion.spec.ts',
  'test/import-lifecycle.spec.ts',
  'test/loaded-together.spec.ts',
  'test/live-polls.spec.ts',
  'test/retention.spec.ts',
  'test/store-calendar.spec.ts',
  'test/stores.spec.ts',
  'test/data-quality.spec.ts',
  'test/reports.spec.ts',
  'test/sample-report.spec.ts',
  'test/report-',
];

/** A sentence, and the exit code of a wrong configuration. */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(CONFIGURATION);
}

/** The database is emptied for every test file, so it has to be one that is meant for it. */
async function checkDatabase(url, plain) {
  if (!url) {
    refuse(
      'TEST_CITUS_URL is not set. Name a database for tests on the coordinator of a Citus cluster, such as ' +
        'postgres://postgres@127.0.0.1:5432/storewatch_test; everything in it is dropped.',
    );
  }
  if (!URL.canParse(url))
    refuse('TEST_CITUS_URL is no URL, such as postgres://postgres@127.0.0.1:5432/storewatch_test.');
  const name = new URL(url).pathname.slice(1);
  if (!/test/i.test(name)) {
    refuse(
      `TEST_CITUS_URL names the database '${name}'. Everything in it would be dropped, so its name has to contain 'test'.`,
    );
  }
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rowCount } = await client.query(`SELECT FROM pg_available_extensions WHERE name = 'citus'`);
    if (rowCount === 0 && !plain) {
      refuse(
        'The PostgreSQL of TEST_CITUS_URL has no extension citus. Install Citus there and put it into ' +
          'shared_preload_libraries, or try the run itself, and nothing of Citus, with --plain.',
      );
    }
  } catch (error) {
    refuse(`The database of TEST_CITUS_URL can't be reached: ${error.message || error.code}.`);
  } finally {
    await client.end();
  }
}

const words = process.argv.slice(2);
const plain = words.includes('--plain');
const url = process.env.TEST_CITUS_URL;
await checkDatabase(url, plain);
const others = words.filter((word) => word !== '--plain');
const { status } = spawnSync(
  process.execPath,
  // One file after another: they share the database.
  [
    path.join(root, 'scripts', 'test.mjs'),
    '--runInBand',
    '--testTimeout=300000',
    ...(others.length > 0 ? others : SPECS),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_DATABASE_URL: url,
      STOREWATCH_TEST_NAMED_DATABASE: plain ? 'plain' : 'distributed',
    },
  },
);
process.exitCode = status ?? 1;
