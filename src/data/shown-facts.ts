import { formatInstantUs } from '../platform/instant.js';
import { formatTimeOfDay } from '../platform/wall-time.js';
import type { Cell, ShownTable } from './shown-table.js';

const FIRST_DATE = '1900-01-01';
const WINDOW_COLUMNS = ['start_time_local', 'end_time_local'] as const;

/** Microseconds since 1970, which come as text, or null. */
function instant(us: Cell | undefined): string | null {
  return us === null || us === undefined ? null : formatInstantUs(Number(us));
}

/** Seconds after midnight; null where a date has no window. */
function time(second: Cell | undefined): string | null {
  return second === null || second === undefined ? null : formatTimeOfDay(Number(second));
}

/** Store-day by store-day. No more of one is taken apart than a page can hold, and no more of them than that. */
const STORE_STATUS: ShownTable = {
  name: 'store_status',
  aliases: [],
  title: 'Polls: whether a store was seen active or inactive, and when',
  columns: ['store_id', 'status', 'timestamp_utc'],
  counted: { table: 'store_day_polls', each: 'cardinality(polls)' },
  keys: ['integer', 'date', 'integer'],
  start: [0, FIRST_DATE, 0],
  sql: `SELECT s.store_id, p.poll, json_build_array(page.store_key, page.day, page.passed + p.place) AS at
          FROM (SELECT store_key, day, polls,
                       CASE WHEN store_key = $1 AND day = $2::date THEN $3::int ELSE 0 END AS passed
                  FROM store_day_polls WHERE (store_key, day) >= ($1::int, $2::date)
                 ORDER BY store_key, day LIMIT $4::int + 1) AS page
          JOIN stores AS s ON s.store_key = page.store_key
         CROSS JOIN LATERAL unnest(page.polls[page.passed + 1 : page.passed + $4::int])
                    WITH ORDINALITY AS p (poll, place)
         ORDER BY page.store_key, page.day, p.place LIMIT $4::int`,
  row: ({ store_id, poll }) => ({
    store_id: store_id!,
    status: Number(poll) % 2 === 1 ? 'active' : 'inactive',
    timestamp_utc: formatInstantUs(Math.floor(Number(poll) / 2)),
  }),
};

const BUSINESS_HOURS: ShownTable = {
  name: 'business_hours',
  aliases: ['menu_hours'],
  title: 'Business hours: weekly windows in local time, day 0 is Monday',
  columns: ['store_id', 'day', ...WINDOW_COLUMNS],
  counted: { table: 'business_hours', each: 'cardinality(windows) / 3' },
  keys: ['integer', 'integer'],
  start: [0, 0],
  sql: `SELECT s.store_id, page.windows[3 * w.n - 2] AS day, page.windows[3 * w.n - 1] AS starts,
               page.windows[3 * w.n] AS ends, json_build_array(page.store_key, w.n) AS at
          FROM (SELECT store_key, windows FROM business_hours WHERE store_key >= $1::int
                 ORDER BY store_key LIMIT $3::int + 1) AS page
          JOIN stores AS s ON s.store_key = page.store_key
         CROSS JOIN LATERAL generate_series(1, cardinality(page.windows) / 3) AS w (n)
         WHERE (page.store_key, w.n) > ($1::int, $2::int)
         ORDER BY page.store_key, w.n LIMIT $3::int`,
  row: ({ store_id, day, starts, ends }) => ({
    store_id: store_id!,
    day: day!,
    start_time_local: time(starts),
    end_time_local: time(ends),
  }),
};

const TIMEZONE: ShownTable = {
  name: 'timezone',
  aliases: ['timezones'],
  title: 'Time zones: the zone of each store that has one; the others are in the default zone',
  columns: ['store_id', 'timezone_str'],
  counted: { table: 'stores', each: '(zone IS NOT NULL)::int' },
  keys: ['integer'],
  start: [0],
  sql: `SELECT store_id, zone, json_build_array(store_key) AS at FROM stores
         WHERE zone IS NOT NULL AND store_key > $1::int ORDER BY store_key LIMIT $2::int`,
  row: ({ store_id, zone }) => ({ store_id: store_id!, timezone_str: zone! }),
};

const EXCEPTIONS: ShownTable = {
  name: 'exceptions',
  aliases: [],
  title: 'Exceptions: windows of single dates in place of the weekly ones; without times, closed',
  columns: ['store_id', 'date', ...WINDOW_COLUMNS],
  counted: { table: 'store_exceptions', each: 'greatest(1, cardinality(windows) / 2)' },
  keys: ['integer', 'date', 'integer'],
  start: [0, FIRST_DATE, 0],
  sql: `SELECT s.store_id, page.date::text AS date, page.windows[2 * w.n - 1] AS starts, page.windows[2 * w.n] AS ends,
               json_build_array(page.store_key, page.date, w.n) AS at
          FROM (SELECT store_key, date, windows FROM store_exceptions WHERE (store_key, date) >= ($1::int, $2::date)
                 ORDER BY store_key, date LIMIT $4::int + 1) AS page
          JOIN stores AS s ON s.store_key = page.store_key
         CROSS JOIN LATERAL generate_series(1, greatest(1, cardinality(page.windows) / 2)) AS w (n)
         WHERE (page.store_key, page.date, w.n) > ($1::int, $2::date, $3::int)
         ORDER BY page.store_key, page.date, w.n LIMIT $4::int`,
  row: ({ store_id, date, starts, ends }) => ({
    store_id: store_id!,
    date: date!,
    start_time_local: time(starts),
    end_time_local: time(ends),
  }),
};

const STORES: ShownTable = {
  name: 'stores',
  aliases: [],
  title: 'Stores: every one that a file, a poll or a person has named',
  columns: ['store_id', 'name', 'timezone_str', 'active_from', 'active_until', 'first_poll', 'newest_poll'],
  counted: { table: 'stores', each: '1' },
  keys: ['integer'],
  start: [0],
  sql: `SELECT store_id, name, zone, active_from::text, active_until::text, first_poll_us, last_poll_us,
               json_build_array(store_key) AS at
          FROM stores WHERE store_key > $1::int ORDER BY store_key LIMIT $2::int`,
  row: ({ store_id, name, zone, active_from, active_until, first_poll_us, last_poll_us }) => ({
    store_id: store_id!,
    name: name!,
    timezone_str: zone!,
    active_from: active_from!,
    active_until: active_until!,
    first_poll: instant(first_poll_us),
    newest_poll: instant(last_poll_us),
  }),
};

/** What files, polls and people said. */
export const SHOWN_FACTS: readonly ShownTable[] = [
  STORE_STATUS,
  BUSINESS_HOURS,
  TIMEZONE,
  EXCEPTIONS,
  STORES,
];
