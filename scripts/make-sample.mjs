#!/usr/bin/env node
// Writes data/sample: the three input files of forty invented stores over nine days around a change of clocks. The
// same script always writes the same bytes; nothing in them comes from a real store.
//
//   npm run sample               writes the files
//   npm run sample -- --check    fails when the committed files are not what this script writes
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pollsOf, sweeps } from './sample/polls.mjs';
import { seededRandom } from './sample/random.mjs';
import { sampleStores } from './sample/stores.mjs';

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'data', 'sample');

/** `2023-03-12 07:04:11.0931 UTC`: microseconds without the zeros at their end. */
function timestamp(instantUs) {
  const iso = new Date(Math.floor(instantUs / 1_000)).toISOString();
  const fraction = String(instantUs % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction} UTC`;
}

const csv = (header, rows) => `${[header, ...rows].join('\n')}\n`;

function makeFiles() {
  const random = seededRandom(20230312);
  const stores = sampleStores(random);
  const starts = sweeps(random);
  const polls = stores.flatMap((store) =>
    pollsOf(store, starts, random).map(({ instantUs, active }) => ({ id: store.id, instantUs, active })),
  );
  const statusRows = (active) =>
    random
      .shuffle(polls.filter((poll) => poll.active === active))
      .map((poll) => `${poll.id},${active ? 'active' : 'inactive'},${timestamp(poll.instantUs)}`);
  const hourRows = stores.flatMap((store) =>
    random.shuffle(store.week.map((window) => [store.id, ...window].join())),
  );
  const zoneRows = stores.filter((store) => store.zone !== null).map((store) => `${store.id},${store.zone}`);
  return {
    // As in the files that a poller's database exports: grouped by status, in no order of time.
    'store_status.csv': csv('store_id,status,timestamp_utc', [...statusRows(true), ...statusRows(false)]),
    'menu_hours.csv': csv('store_id,day,start_time_local,end_time_local', hourRows),
    'timezone.csv': csv('store_id,timezone_str', random.shuffle(zoneRows)),
  };
}

function check(files) {
  const differing = Object.entries(files)
    .filter(([name, text]) => {
      const file = path.join(FOLDER, name);
      return !existsSync(file) || readFileSync(file, 'utf8') !== text;
    })
    .map(([name]) => name);
  if (differing.length > 0) {
    console.error(
      `data/sample: ${differing.join(', ')} differ from what this script writes. Run: npm run sample`,
    );
    process.exitCode = 1;
  } else {
    console.log('data/sample is what this script writes.');
  }
}

const files = makeFiles();
if (process.argv.includes('--check')) {
  check(files);
} else {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(FOLDER, name), text);
    console.log(`data/sample/${name}: ${text.split('\n').length - 2} rows, ${Buffer.byteLength(text)} bytes`);
  }
}
