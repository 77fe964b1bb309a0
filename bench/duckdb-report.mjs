#!/usr/bin/env node
// The peer: the same report (default options, no change of clocks inside one business day's overlap) as SQL in DuckDB,
// in memory, on all cores. Prints the seconds of loading the files and of computing and writing the report.
//
//   node duckdb-report.mjs DATA_DIR OUT.csv        needs @duckdb/node-api (1.5.5-r.5)
import { DuckDBInstance } from '@duckdb/node-api';

const [data, out] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const started = performance.now();
const seconds = () => (performance.now() - started) / 1e3;
const run = (sql) => connection.run(sql);
const csv = (name) => `read_csv('${data}/${name}', all_varchar = true)`;

await run(`SET TimeZone = 'UTC'`);
await run(`CREATE TABLE poll AS
  SELECT store_id, lower(status) = 'active' AS up, replace(timestamp_utc, ' UTC', '+00')::timestamptz AS instant
  FROM ${csv('store_status.csv')}`);
await run(`CREATE TABLE hours AS
  SELECT store_id, COLUMNS('^day.*')::int AS day, epoch(start_time_local::time)::int AS opens,
         CASE WHEN end_time_local >= '23:59:00' THEN 86400 ELSE epoch(end_time_local::time)::int END AS closes
  FROM ${csv('menu_hours.csv')}`);
await run(`CREATE TABLE zone AS SELECT store_id, timezone_str AS zone FROM ${csv('timezone.csv')}`);
const loaded = seconds();

await run(`CREATE TABLE store AS
  SELECT store_id, coalesce(zone, 'America/Chicago') AS zone FROM (SELECT DISTINCT store_id FROM poll) LEFT JOIN zone USING (store_id)`);
await run(`CREATE TABLE now AS SELECT max(instant) AS as_of, timezone('UTC', max(instant)) AS utc FROM poll`);
await run(`CREATE TABLE open AS
  WITH date AS (SELECT d::date AS date FROM now, generate_series(utc::date - 9, utc::date + 1, INTERVAL 1 DAY) g(d)),
  week AS (
    SELECT store_id, day, opens, CASE WHEN closes <= opens THEN closes + 86400 ELSE closes END AS closes FROM hours
    UNION ALL
    SELECT store_id, day, 0, 86400 FROM store, generate_series(0, 6) g(day) WHERE store_id NOT IN (SELECT store_id FROM hours)),
  local AS (
    SELECT store_id, date, zone, date::timestamp + to_seconds(opens) AS opens, date::timestamp + to_seconds(closes) AS closes
    FROM store JOIN week USING (store_id) JOIN date ON isodow(date) - 1 = day)
  SELECT store_id, date, timezone(zone, opens) AS opens, timezone(zone, closes) AS closes FROM local`);
await run(`CREATE TABLE segment AS
  WITH counting AS (
    SELECT open.store_id, open.date, poll.instant, poll.up
    FROM open JOIN poll ON poll.store_id = open.store_id AND poll.instant >= open.opens AND poll.instant < open.closes),
  ranked AS (SELECT *, row_number() OVER day AS n, lead(instant) OVER day AS next FROM counting WINDOW day AS (PARTITION BY store_id, date ORDER BY instant))
  SELECT store_id, date, up, CASE WHEN n = 1 THEN timestamptz '1900-01-01' ELSE instant END AS starts, coalesce(next, timestamptz '2900-01-01') AS ends
  FROM ranked`);
await run(`CREATE TABLE report AS
  WITH piece AS (
    SELECT open.store_id, coalesce(up, false) AS up, epoch(as_of) AS now,
           epoch(greatest(opens, coalesce(starts, opens))) AS starts, epoch(least(closes, coalesce(ends, closes), as_of)) AS ends
    FROM now, open LEFT JOIN segment ON segment.store_id = open.store_id AND segment.date = open.date AND segment.starts < open.closes AND segment.ends > open.opens)
  SELECT store_id, ${[true, false]
    .flatMap((up) =>
      [
        ['hour', 3600, 60],
        ['day', 86400, 3600],
        ['week', 604800, 3600],
      ].map(
        ([name, length, unit]) =>
          `printf('%.2f', round(coalesce(sum(ends - greatest(starts, now - ${length})) FILTER (${up ? 'up' : 'NOT up'} AND ends > greatest(starts, now - ${length})), 0) / ${unit}, 2)) AS ${up ? 'up' : 'down'}time_last_${name}`,
      ),
    )
    .join(', ')}
  FROM piece WHERE ends > starts GROUP BY store_id`);
await run(
  `COPY (SELECT store_id, COLUMNS('^uptime'), COLUMNS('^downtime') FROM report ORDER BY store_id) TO '${out}' (HEADER)`,
);
console.log(JSON.stringify({ load: +loaded.toFixed(3), compute: +(seconds() - loaded).toFixed(3) }));
