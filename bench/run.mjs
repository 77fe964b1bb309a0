#!/usr/bin/env node
// Measures the built product beside its peers, in the same run on the same machine: its load of the polls beside a
// bare COPY and beside the same once more, its report beside DuckDB's, uploads beside each other, live polls, and the
// most memory that each process holds.
//
//   npm run bench -- [DIR] [--runs 5] [--only load --only reload …] [--seconds 60] [--large DIR2] [--stores 1000000]
//
// DIR holds the three input files (default: data/sample, which is too small to say much). --only measures parts alone
// (load, reload, report, workers, uploads, live, reading, movements). --large measures the product's memory on a second
// folder as well, --stores reports over so many stores, made in the database (a million take some 15 GB and 20 minutes).
// Live polls are sent for --seconds at 20,000 a second, and then as fast as they are taken, movement events for --seconds
// at 5,000 a second. Standard output: a line of JSON per figure; standard error: progress, then all figures as a table.
// Ends with 1 when a cell of the two reports differs, or when a live poll or a movement event is missing or there twice.
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { groupsOf } from './groups.mjs';
import { table } from './table.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true, default: [] },
      large: { type: 'string' },
      seconds: { type: 'string', default: '60' },
      stores: { type: 'string' },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`--runs is '${values.runs}'; it has to be 1 or more.`);
  const seconds = Number(values.seconds);
  if (!(seconds >= 1)) throw new Error(`--seconds is '${values.seconds}'; it has to be 1 or more.`);
  const stores = values.stores === undefined ? null : Number(values.stores);
  if (stores !== null && !(Number.isInteger(stores) && stores >= 1_000))
    throw new Error(`--stores is '${values.stores}'; it has to be 1000 or more.`);
  if (positionals.length > 1) throw new Error(`One folder at a time, not ${positionals.join(' and ')}.`);
  return {
    dataFolder: path.resolve(positionals[0] ?? path.join(ROOT, 'data', 'sample')),
    runs,
    only: groupsOf(values.only),
    large: values.large,
    seconds,
    stores,
  };
}

/** Figures that are to be nought. */
const WRONG = /differing cells|missing/;

const tell = (line) => console.error(line);

async function measureAll({ dataFolder, runs, only, large, seconds, stores }, scratch) {
  // Only now: without a build there is nothing to import, and the sentence below says so better.
  const { growthFigures, measurePeers, measureProduct, peerFigures } = await import('./measure.mjs');
  const { startServer } = await import('./server.mjs');
  const server = await startServer(path.join(scratch, 'database'));
  const setting = { server, runs, only, scratch, tell };
  try {
    const base = await measurePeers({ ...setting, dataFolder });
    const { load, upload, comparison } = base[0];
    for (const example of comparison?.examples ?? []) tell(`differs: ${example}`);
    const figures = peerFigures(base);
    if (large !== undefined)
      figures.push(
        ...growthFigures(await measureProduct({ ...setting, dataFolder: path.resolve(large) }), base),
      );
    if (only.has('live')) {
      const { measureLivePolls } = await import('./live-polls.mjs');
      figures.push(...(await measureLivePolls({ server, dataFolder, seconds, scratch, tell })));
    }
    if (only.has('reading')) {
      const { measureReading } = await import('./reading.mjs');
      figures.push(...(await measureReading({ server, dataFolder, seconds, scratch, tell })));
    }
    if (only.has('movements')) {
      const { measureMovements } = await import('./movements.mjs');
      figures.push(...(await measureMovements({ server, dataFolder, seconds, scratch, tell })));
    }
    if (stores !== null) {
      const { measureManyStores } = await import('./many-stores.mjs');
      figures.push(...(await measureManyStores({ server, dataFolder, most: stores, scratch, tell })));
    }
    return { polls: load?.polls ?? upload?.read ?? null, stores: comparison?.stores ?? null, figures };
  } finally {
    await server.stop();
  }
}

async function main() {
  const options = readOptions();
  if (!existsSync(path.join(ROOT, 'dist')))
    throw new Error('There is no build to measure. First: npm run build');
  if (options.dataFolder === path.join(ROOT, 'data', 'sample')) {
    tell('Measuring data/sample. For figures that say something, give a larger folder: npm run bench -- DIR');
  }
  const scratch = mkdtempSync(path.join(tmpdir(), 'storewatch-bench-'));
  // Started by root, the database runs as another user, who has to pass through.
  chmodSync(scratch, 0o755);
  try {
    const { polls, stores, figures } = await measureAll(options, scratch);
    const machine = { cpus: availableParallelism(), node: process.version, platform: process.platform };
    console.log(JSON.stringify({ data: options.dataFolder, polls, stores, runs: options.runs, ...machine }));
    for (const one of figures) console.log(JSON.stringify(one));
    const size = [polls && `${polls} polls`, stores && `${stores} stores`, `${options.runs} runs`];
    tell(`\n${size.filter(Boolean).join(', ')}\n${table(figures)}`);
    if (figures.some((one) => WRONG.test(one.figure) && one.max > 0)) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main().catch((error) => {
  tell(error.message);
  process.exitCode = 1;
});
