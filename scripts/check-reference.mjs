#!/usr/bin/env node
// Compares the product's reports over three full-size sets, byte for byte, with what an independent evaluation of the
// semantics gave for them; and where polls come all the time, the outages of the collector with the gaps between all
// polls. Needs the built product and a reference kit; keeps nothing.
//
//   npm run check:reference -- DIR
//
// DIR holds tools/make-dataset.mjs, data/2023 and data/2024 (hours and zones), and data/expected/*.csv.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

const SETS = [
  { expected: '2023-seed-1.csv', source: '2023', make: [], run: [], steady: true },
  {
    expected: '2023-seed-2-spring.csv',
    source: '2023',
    make: ['--seed', '2', '--end', '2023-03-15T07:30:00.123Z'],
    run: [],
    steady: true,
  },
  {
    expected: '2024-seed-3-autumn-calendar-nearest-exclude.csv',
    source: '2024',
    make: ['--seed', '3', '--end', '2024-11-05T15:00:00.5Z', '--days', '59', '--every', '180'],
    run: ['--windows', 'calendar', '--estimator', 'nearest', '--unobserved', 'exclude'],
  },
];

function runNode(script, args) {
  const { status, stderr, error } = spawnSync(process.execPath, [script, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0)
    throw new Error(`${path.basename(script)} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/** Null when both are equal, else a sentence that shows the first line where they part. */
function difference(expected, actual) {
  if (expected.equals(actual)) return null;
  const wanted = expected.toString('utf8').split('\n');
  const given = actual.toString('utf8').split('\n');
  const at = wanted.findIndex((line, index) => line !== given[index]);
  const line = at < 0 ? wanted.length : at;
  return `line ${line + 1} is ${given[line] ?? 'missing'}, expected ${wanted[line] ?? 'no further line'}`;
}

const US_A_MINUTE = 60_000_000;
const US_A_WEEK = 7 * 24 * 60 * US_A_MINUTE;

/** Microseconds since 1970 of `2023-01-22 12:09:39.388884 UTC` and of `2023-01-22T12:09:39.388884Z`. */
function instantUs(text) {
  const [, date, time, fraction = ''] = /^(\S{10})[ T](\d\d:\d\d:\d\d)\.?(\d*)/.exec(text);
  return Date.parse(`${date}T${time}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** The gaps of half an hour and more between the polls of all stores, as far as they reach into the last week. */
function gapsOf(file) {
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);
  const instants = Float64Array.from(rows, (row) => instantUs(row.slice(row.lastIndexOf(',') + 1))).sort();
  const weekStart = instants.at(-1) - US_A_WEEK;
  const gaps = [];
  for (let i = 1; i < instants.length; i++) {
    const [start, end] = [instants[i - 1], instants[i]];
    if (end - start >= 30 * US_A_MINUTE && end > weekStart) gaps.push([start, end].join());
  }
  return gaps;
}

/** Null when the report names exactly the gaps, else a sentence. */
function outageDifference(polls, metadata) {
  const wanted = gapsOf(polls);
  const found = JSON.parse(readFileSync(metadata, 'utf8')).collector_outages;
  const given = found.map(({ start, end }) => [instantUs(start), instantUs(end)].join());
  if (wanted.join(' ') === given.join(' ')) return null;
  return `the outages of the collector (microseconds) are ${given.join(' ')}, expected ${wanted.join(' ')}`;
}

function checkSet(kit, scratch, set) {
  const data = path.join(scratch, 'data');
  const out = path.join(scratch, 'out');
  runNode(path.join(kit, 'tools', 'make-dataset.mjs'), [
    path.join(kit, 'data', set.source),
    data,
    ...set.make,
  ]);
  runNode(CLI, ['run', '--data', data, '--out', out, ...set.run]);
  const expected = readFileSync(path.join(kit, 'data', 'expected', set.expected));
  return (
    difference(expected, readFileSync(path.join(out, 'report.csv'))) ??
    (set.steady ? outageDifference(path.join(data, 'store_status.csv'), path.join(out, 'report.json')) : null)
  );
}

function main() {
  const kit = process.argv[2];
  if (kit === undefined)
    throw new Error('Usage: npm run check:reference -- DIR (a folder with the reference kit)');
  if (!existsSync(CLI)) throw new Error('There is no build to check. First: npm run build');
  for (const set of SETS) {
    const scratch = mkdtempSync(path.join(tmpdir(), 'storewatch-reference-'));
    try {
      const found = checkSet(path.resolve(kit), scratch, set);
      console.log(`${set.expected}: ${found ?? 'equal'}`);
      if (found !== null) process.exitCode = 1;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
