import { createReadStream } from 'node:fs';
import path from 'node:path';
import { figure } from './figures.mjs';
import { splitFolder } from './folders.mjs';
import { loadByProduct } from './load.mjs';
import { withClient } from './server.mjs';
import { makeReport, withWorkers } from './workers.mjs';

const MIB = 2 ** 20;
const DAYS = 8;
const POLLS_A_STORE = DAYS * 24;
/** Days of polls that differ; stores share them in turn. */
const PATTERNS = 4_096;
/** The share of the stores wanted at each point of the curve. */
const CURVE = [1 / 16, 1 / 4, 1];

/**
 * Reports over ever more stores by one worker, each beside the folder's own in time for a poll. The stores have the
 * hours and zones of the folder's in turn and a poll every hour for eight days, made straight in the database.
 *
 * @param most stores at the end of the curve
 * @returns figures for each point
 */
export async function measureManyStores({ server, dataFolder, most, scratch, tell }) {
  const { polls } = await loadByProduct(server, splitFolder(dataFolder, path.join(scratch, 'many-stores')));
  const own = await reportOf(server, scratch);
  const ownNs = (own.seconds / polls) * 1e9;
  tell(`${own.stores} stores, ${polls} polls: ${own.seconds.toFixed(2)} s, ${ownNs.toFixed(0)} ns a poll`);
  const figures = [figure('time for a poll, the folder', 'ns', [ownNs])];
  for (const share of CURVE) {
    const stores = Math.round(most * share);
    await withClient(server.url, (client) => makeStores(client, stores));
    const taken = await reportOf(server, scratch);
    const ns = (taken.seconds / (stores * POLLS_A_STORE)) * 1e9;
    const name = `${stores.toLocaleString('en')} stores`;
    tell(
      `${name}: ${taken.seconds.toFixed(1)} s, ${ns.toFixed(0)} ns a poll, ${Math.round(taken.peakBytes / MIB)} MiB`,
    );
    figures.push(
      figure(`${name}: report`, 's', [taken.seconds]),
      figure(`${name}: time for a poll`, 'ns', [ns]),
      figure(`${name}: time for a poll / the folder's`, 'ratio', [ns / ownNs]),
      figure(`${name}: peak memory of the worker`, 'MiB', [taken.peakBytes / MIB]),
      figure(`${name}: lines missing from the CSV`, 'lines', [stores + 1 - taken.lines]),
    );
  }
  return figures;
}

async function reportOf(server, scratch) {
  const { result, peak } = await withWorkers(server, scratch, 1, async (origin) => {
    await makeReport(origin);
    const report = await makeReport(origin);
    return { ...report, lines: await linesOf(path.join(scratch, 'reports', `${report.id}.csv`)) };
  });
  return { ...result, peakBytes: peak() };
}

async function linesOf(file) {
  let lines = 0;
  for await (const piece of createReadStream(file)) for (const byte of piece) lines += Number(byte === 10);
  return lines;
}

/** Puts so many stores in the place of whatever is there; the hours and zones of what was loaded are kept as a model. */
async function makeStores(client, stores) {
  await keepModels(client);
  const { ensurePartitions, weekOfDay } = await import('../dist/stores/polls/poll-partitions.js');
  const { rows } = await client.query(`SELECT max(day) - date '1970-01-01' AS last FROM model_days`);
  const days = Array.from({ length: DAYS }, (_, n) => rows[0].last - DAYS + 1 + n);
  await client.query('TRUNCATE stores, store_day_polls, poll_day_activity CASCADE');
  await client.query('BEGIN');
  await ensurePartitions(client, new Set(days.map(weekOfDay)));
  await client.query('COMMIT');
  await client.query(
    `CREATE TEMP TABLE pattern ON COMMIT PRESERVE ROWS AS
     SELECT p, day, array_agg(us * 2 + up ORDER BY us) AS polls, min(us) AS first_us, max(us) AS last_us
       FROM (SELECT p, day, (day::bigint * 86400 + hour * 3600) * 1000000
                    + mod(hashint8(p * 1000 + day * 24 + hour)::bigint + 2147483648, 3600000000) AS us,
                    (mod(hashint8(p * 77 + (day * 24 + hour) / 5)::bigint + 2147483648, 10) > 0)::int AS up
               FROM generate_series(0, $1 - 1) AS p, unnest($2::int[]) AS day, generate_series(0, 23) AS hour) AS polls
      GROUP BY p, day`,
    [PATTERNS, days],
  );
  await client.query(
    `INSERT INTO stores (store_key, store_id, zone, zone_source, first_poll_us, last_poll_us)
     OVERRIDING SYSTEM VALUE
     SELECT n, '1' || lpad((n::bigint * 982451653 % 1000003 * 10000000 + n)::text, 18, '0'), m.zone, m.zone_source, p.first_us, p.last_us
       FROM generate_series(1, $1) AS n
       JOIN model AS m ON m.place = mod(n, (SELECT count(*) FROM model))
       JOIN (SELECT p, min(first_us) AS first_us, max(last_us) AS last_us FROM pattern GROUP BY p) AS p ON p.p = mod(n, $2)
      ORDER BY n`,
    [stores, PATTERNS],
  );
  await client.query(
    `INSERT INTO business_hours (store_key, windows)
     SELECT n, m.windows FROM generate_series(1, $1) AS n
       JOIN model AS m ON m.place = mod(n, (SELECT count(*) FROM model)) WHERE m.windows IS NOT NULL ORDER BY n`,
    [stores],
  );
  await client.query(
    `INSERT INTO store_day_polls (store_key, day, polls)
     SELECT n, date '1970-01-01' + p.day, p.polls FROM generate_series(1, $1) AS n
       JOIN pattern AS p ON p.p = mod(n, $2) ORDER BY n, p.day`,
    [stores, PATTERNS],
  );
  await countDays(client, stores);
  await client.query('DROP TABLE pattern');
  await client.query('VACUUM ANALYZE stores, business_hours, store_day_polls, poll_day_activity');
}

/** As every load leaves them behind: without, the first report would count all polls. */
async function countDays(client, stores) {
  await client.query(
    `INSERT INTO poll_day_activity (day, stale, polls, first_us, last_us)
     SELECT date '1970-01-01' + day, false, array_agg(coalesce(n, 0) ORDER BY slot)::int[],
            array_agg(coalesce(first_us, 0) ORDER BY slot)::int[], array_agg(coalesce(last_us, 0) ORDER BY slot)::int[]
       FROM (SELECT DISTINCT day FROM pattern) AS days CROSS JOIN generate_series(0, 287) AS slot
       LEFT JOIN (SELECT day, us / 300000000 AS slot, sum(stores) AS n,
                         min(us % 300000000) AS first_us, max(us % 300000000) AS last_us
                    FROM (SELECT p, day, (poll >> 1) - day::bigint * 86400000000 AS us
                            FROM pattern CROSS JOIN LATERAL unnest(polls) AS poll) AS polls
                    JOIN (SELECT mod(n, $2) AS p, count(*) AS stores FROM generate_series(1, $1) AS n GROUP BY 1) AS shares USING (p)
                   GROUP BY 1, 2) AS counted USING (day, slot)
      GROUP BY day`,
    [stores, PATTERNS],
  );
}

async function keepModels(client) {
  const { rows } = await client.query(`SELECT to_regclass('model') IS NOT NULL AS kept`);
  if (rows[0].kept) return;
  await client.query('CREATE TABLE model_days AS SELECT max(day) AS day FROM store_day_polls');
  await client.query(
    `CREATE TABLE model AS
     SELECT row_number() OVER (ORDER BY s.store_key) - 1 AS place, s.zone, s.zone_source, h.windows
       FROM stores AS s LEFT JOIN business_hours AS h USING (store_key) WHERE s.first_poll_us IS NOT NULL`,
  );
  await client.query('CREATE INDEX ON model (place)');
}
