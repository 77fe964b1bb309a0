import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { PROJECT_ROOT } from '../src/platform/environment.js';
import { countPolls } from '../src/stores/polls/poll-count.js';
import {
  isChangedMeanwhile,
  markDaysChanged,
  readActivity,
  recountDay,
  staleDays,
} from '../src/stores/polls/poll-activity.js';
import { ensurePartitions, weekOfDay } from '../src/stores/polls/poll-partitions.js';
import { startTestApi, type TestApi } from './support/application.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

const DAYS = ['2023-01-16', '2023-01-17', '2023-01-18', '2023-01-19', '2023-01-20', '2023-01-21'];
const THURSDAY = 19_376;
const STORES = Array.from({ length: 12 }, (_, store) => `s${String(store).padStart(2, '0')}`);

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * Twelve stores, each polled once an hour, five minutes after the one before it, and nobody on Thursday from eight to
 * fourteen o'clock. Open from ten to twelve, in UTC.
 */
function polls(): string {
  const lines = ['store_id,status,timestamp_utc'];
  for (const day of DAYS) {
    for (let hour = 0; hour < 24; hour++) {
      if (day === '2023-01-19' && hour >= 8 && hour < 14) continue;
      for (const [i, store] of STORES.entries())
        lines.push(`${store},active,${day} ${two(hour)}:${two(i * 5)}:00.000001 UTC`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function hours(): string {
  const lines = ['store_id,day,start_time_local,end_time_local'];
  for (const store of STORES) {
    for (let day = 0; day < 7; day++) lines.push(`${store},${day},10:00:00,12:00:00`);
  }
  // The same open time, said twice; and two windows that meet.
  lines.push('s01,2,10:30:00,11:00:00', 's02,2,09:00:00,10:00:00');
  lines.push('unpolled,0,09:00:00,09:00:00', 'unpolled,1,20:00:00,23:59:59', 'unpolled,2,20:00:00,23:59:00');
  return `${lines.join('\n')}\n`;
}

const ZONES = [
  'store_id,timezone_str',
  ...STORES.slice(1).map((store) => `${store},UTC`),
  'bare,UTC',
  '',
].join('\n');

describe('the quality of the data', () => {
  let api: TestApi;
  let client: pg.Client;

  beforeAll(async () => {
    api = await startTestApi({ defaultZone: 'UTC' });
    client = new pg.Client({ connectionString: api.databaseUrl });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await api.close();
  });

  it('has nothing to tell of an empty database', async () => {
    const { body } = await api.http.get('/api/v1/data-quality').expect(200);
    expect(body.stores).toMatchObject({ total: 0, without_hours: { count: 0, examples: [] } });
    expect(body.polls).toEqual({
      oldest: null,
      newest: null,
      ahead_of_the_clock: 0,
      rhythm: null,
      outside_open_time: null,
    });
    expect(body.collector_outages).toMatchObject({ count: null, enough_to_tell: false });
    const outages = await api.http.get('/api/v1/collector-outages').expect(200);
    expect(outages.body).toMatchObject({ data: [], next_cursor: null, enough_to_tell: false });
  });

  describe('with a stop of all polls on one day', () => {
    beforeAll(async () => {
      await api.putData({ 'store_status.csv': polls(), 'menu_hours.csv': hours(), 'timezone.csv': ZONES });
      await api.http.post('/data/').expect(200);
    });

    it('counted the polls while they were loaded as a recount does', async () => {
      const counts = 'SELECT day, stale, polls, first_us, last_us FROM poll_day_activity ORDER BY day';
      const loaded = (await client.query(counts)).rows;
      expect(loaded.map(({ stale }) => stale as boolean)).toEqual(DAYS.map(() => false));
      await client.query(
        'UPDATE poll_day_activity SET stale = true, polls = NULL, first_us = NULL, last_us = NULL',
      );
      for (const day of await staleDays(client, DAYS.length)) {
        await client.query('BEGIN');
        await recountDay(client, day);
        await client.query('COMMIT');
      }
      expect((await client.query(counts)).rows).toEqual(loaded);
    });

    it('need no recount when the same files are loaded again', async () => {
      await api.http.post('/data/').expect(200);
      const { rows } = await client.query('SELECT count(*)::int AS stale FROM poll_day_activity WHERE stale');
      expect(rows).toEqual([{ stale: 0 }]);
    });

    it('finds it from the last poll before to the first after', async () => {
      const { body } = await api.http.get('/api/v1/collector-outages').expect(200);
      expect(body).toMatchObject({ enough_to_tell: true, found_by: expect.stringContaining('5 %') });
      expect(body.data).toEqual([
        {
          start: '2023-01-19T07:55:00.000001Z',
          end: '2023-01-19T14:00:00.000001Z',
          duration_s: 6 * 3600 + 300,
          ongoing: false,
          expected_polls: 72,
          polls: 0,
        },
      ]);
    });

    it.each([
      ['from=2023-01-19T14:00:00Z', 1],
      ['from=2023-01-19T14:00:00.000001Z', 0],
      ['to=2023-01-19T07:55:00.000001Z', 0],
      ['from=2023-01-19T00:00:00Z&to=2023-01-20T00:00:00Z', 1],
    ])('lists by %s what it overlaps: %d', async (query, count) => {
      const { body } = await api.http.get(`/api/v1/collector-outages?${query}`).expect(200);
      expect(body.data).toHaveLength(count);
    });

    it.each(['from=yesterday', 'to=2023-02-30T00:00:00Z', 'since=1', 'from=2023-01-19T14:00:00Z&from=x'])(
      'refuses the query %s',
      async (query) => {
        await api.http.get(`/api/v1/collector-outages?${query}`).expect(400);
      },
    );

    it('tells in a report how much of the unobserved time lies in it', async () => {
      const report = await api.http.post('/api/v1/reports').expect(202);
      await api.http.get(`/api/v1/reports/${report.body.id}`).set('Prefer', 'wait=20').expect(200);
      const { body } = await api.http.get(`/api/v1/reports/${report.body.id}/file?format=json`).expect(200);
      expect(body.as_of).toBe('2023-01-21T23:55:00.000001Z');
      expect(body.collector_outages).toEqual([
        { start: '2023-01-19T07:55:00.000001Z', end: '2023-01-19T14:00:00.000001Z', ongoing: false },
      ]);
      // Two hours of twelve stores on Sunday the 15th, before the first poll, and on Thursday; s02 has three hours on
      // Wednesdays, when it was polled.
      expect(body.unobserved_s).toEqual({ last_hour: 0, last_day: 0, last_week: 12 * 4 * 3600 });
      expect(body.unobserved_in_collector_outages_s).toEqual({
        last_hour: 0,
        last_day: 0,
        last_week: 12 * 2 * 3600,
      });
      expect(body.inactive_open_s).toEqual({ last_hour: 0, last_day: 0, last_week: 0 });
      expect(body.counts.partly_inactive_stores).toBe(0);
    });

    it('knows in a report nothing that came after its as-of', async () => {
      const during = await api.http
        .post('/api/v1/reports')
        .send({ as_of: '2023-01-19T12:00:00Z' })
        .expect(202);
      await api.http.get(`/api/v1/reports/${during.body.id}`).set('Prefer', 'wait=20').expect(200);
      const { body } = await api.http.get(`/api/v1/reports/${during.body.id}/file?format=json`).expect(200);
      expect(body.collector_outages).toEqual([
        { start: '2023-01-19T07:55:00.000001Z', end: '2023-01-19T12:00:00.000000Z', ongoing: true },
      ]);
      expect(body.unobserved_in_collector_outages_s).toEqual({
        last_hour: 12 * 3600,
        last_day: 12 * 2 * 3600,
        last_week: 12 * 2 * 3600,
      });
    });

    it('counts what is odd, with examples', async () => {
      const report = await api.http.post('/api/v1/reports').send({ as_of: '2023-01-21T23:55:00.000001Z' });
      await api.http.get(`/api/v1/reports/${report.body.id}`).set('Prefer', 'wait=20').expect(200);
      const { body } = await api.http.get('/api/v1/data-quality').expect(200);
      const url = (finding: string): string => `/api/v1/data-quality/stores?finding=${finding}`;
      const found = (finding: string, ...examples: string[]): object => ({
        count: examples.length,
        examples,
        url: url(finding),
      });
      expect(body.stores).toEqual({
        total: 14,
        archived: 0,
        without_hours: found('without_hours', 'bare'),
        without_zone: found('without_zone', 's00', 'unpolled'),
        without_polls: found('without_polls', 'bare', 'unpolled'),
        hours_rejected: found('hours_rejected'),
        overlapping_windows: found('overlapping_windows', 's01'),
        archived_still_polled: found('archived_still_polled'),
        polled_ahead_of_the_clock: found('polled_ahead_of_the_clock'),
      });
      expect(body.hours).toEqual({ windows: 89, windows_without_length: 1, windows_ending_at_23_59: 2 });
      expect(body.polls).toMatchObject({
        oldest: '2023-01-16T00:00:00.000001Z',
        newest: '2023-01-21T23:55:00.000001Z',
        ahead_of_the_clock: 0,
        rhythm: {
          stores_sampled: 12,
          interval_s: { p10: 3600, median: 3600, p90: 3600 },
          polls_per_store_and_day: 24,
        },
        outside_open_time: { report_id: report.body.id, as_of: '2023-01-21T23:55:00.000001Z' },
      });
      // Each store 24 times a day on six days, 18 on Thursday. Inside: twice on five days, s02 once more on Wednesday.
      const { polls: all, outside_open_time: outside, share } = body.polls.outside_open_time;
      expect([all, outside, share]).toEqual([12 * 138, 12 * 128 - 1, (12 * 128 - 1) / (12 * 138)]);
      expect(body.collector_outages).toEqual({
        count: 1,
        total_s: 6 * 3600 + 300,
        ongoing: false,
        enough_to_tell: true,
        url: '/api/v1/collector-outages',
      });
    });

    it('does not miss hours and zones that somebody has given since', async () => {
      await client.query(
        `INSERT INTO store_zone_changes (store_key, effective_from, zone)
         SELECT store_key, from_date, 'UTC' FROM stores
           JOIN (VALUES ('s00', date '2023-01-18'), ('unpolled', date '2199-01-01')) AS given (id, from_date) ON store_id = id`,
      );
      await client.query(
        `INSERT INTO store_hours_changes (store_key, effective_from)
         SELECT store_key, '2023-01-18' FROM stores WHERE store_id = 'bare'`,
      );
      const { body } = await api.http.get('/api/v1/data-quality').expect(200);
      const overview = await api.http.get('/api/v1/data').expect(200);
      await client.query('DELETE FROM store_zone_changes');
      await client.query('DELETE FROM store_hours_changes');
      expect(body.stores.without_zone).toMatchObject({ count: 1, examples: ['unpolled'] });
      expect(body.stores.without_hours).toMatchObject({ count: 0, examples: [] });
      expect(overview.body).toMatchObject({ stores_without_zone: 1, stores_without_hours: 0 });
    });

    it('refuses a cursor that no id can be', async () => {
      const { body } = await api.http
        .get('/api/v1/data-quality/stores?finding=without_polls&cursor=a%00b')
        .expect(400);
      expect(body.errors).toMatchObject([{ pointer: '/cursor', code: 'control_character' }]);
    });

    it('lists every store of a finding, page by page', async () => {
      const route = '/api/v1/data-quality/stores?finding=without_polls&limit=1';
      const first = await api.http.get(route).expect(200);
      expect(first.body).toEqual({ data: [{ store_id: 'bare' }], next_cursor: 'bare' });
      const second = await api.http.get(`${route}&cursor=bare`).expect(200);
      expect(second.body).toEqual({ data: [{ store_id: 'unpolled' }], next_cursor: null });
      const { body } = await api.http.get('/api/v1/data-quality/stores?finding=odd').expect(400);
      expect(body.detail).toContain('finding has to be one of without_hours, ');
    });

    it('tells of stores that were archived and are still polled, and of polls ahead of the clock', async () => {
      const aheadUs = Math.floor(Date.now() / 1000 + 3600) * 1_000_000;
      const { rows } = await client.query<{ newest: string }>(
        `SELECT last_poll_us AS newest FROM stores WHERE store_id = 's04'`,
      );
      await client.query(`UPDATE stores SET archived_at = '2023-01-20' WHERE store_id = 's03'`);
      await client.query(`UPDATE stores SET last_poll_us = $1 WHERE store_id = 's04'`, [aheadUs]);
      const { body } = await api.http.get('/api/v1/data-quality').expect(200);
      await client.query('UPDATE stores SET archived_at = NULL');
      await client.query(`UPDATE stores SET last_poll_us = $1 WHERE store_id = 's04'`, [rows[0]!.newest]);
      expect(body.stores.archived).toBe(1);
      expect(body.stores.archived_still_polled).toMatchObject({ count: 1, examples: ['s03'] });
      expect(body.stores.polled_ahead_of_the_clock).toMatchObject({ count: 1, examples: ['s04'] });
    });

    it('tells in a report what stores would have been open outside their active dates', async () => {
      await client.query(`UPDATE stores SET active_from = '2023-01-20' WHERE store_id = 's05'`);
      const report = await api.http
        .post('/api/v1/reports')
        .send({ label: 'one store opened late', force: true })
        .expect(202);
      await api.http.get(`/api/v1/reports/${report.body.id}`).set('Prefer', 'wait=20').expect(200);
      const { body } = await api.http.get(`/api/v1/reports/${report.body.id}/file?format=json`).expect(200);
      await client.query('UPDATE stores SET active_from = NULL');
      // Two hours on each of the five days from Sunday to Thursday, of which Sunday and Thursday are unobserved.
      expect(body.counts.partly_inactive_stores).toBe(1);
      expect(body.inactive_open_s).toEqual({ last_hour: 0, last_day: 0, last_week: 5 * 2 * 3600 });
      expect(body.unobserved_s.last_week).toBe((12 * 4 - 4) * 3600);
      expect(body.unobserved_in_collector_outages_s.last_week).toBe((12 * 2 - 2) * 3600);
      const kept = await client.query(
        'SELECT store_id, hour_inactive_us, day_inactive_us, week_inactive_us FROM report_rows WHERE report_id = $1 AND week_inactive_us > 0',
        [report.body.id],
      );
      expect(kept.rows).toEqual([
        { store_id: 's05', hour_inactive_us: '0', day_inactive_us: '0', week_inactive_us: '36000000000' },
      ]);
    });
  });
});

describe('the counts of a day', () => {
  let database: TestDatabase;
  let counting: pg.Client;
  let changing: pg.Client;

  beforeAll(async () => {
    // Nothing runs on it that would count the day in between.
    database = await createTestDatabase();
    counting = new pg.Client({ connectionString: database.url });
    changing = new pg.Client({ connectionString: database.url });
    await Promise.all([counting.connect(), changing.connect()]);
    await counting.query('BEGIN');
    await ensurePartitions(counting, [weekOfDay(THURSDAY)]);
    await counting.query('COMMIT');
  });

  afterAll(async () => {
    await Promise.all([counting.end(), changing.end()]);
    await database.drop();
  });

  beforeEach(async () => {
    await counting.query('DELETE FROM store_day_polls');
    await counting.query('DELETE FROM poll_day_activity');
    await markDaysChanged(counting, [THURSDAY]);
  });

  async function poll(client: pg.Client, ...instantsUs: number[]): Promise<void> {
    await client.query('INSERT INTO store_day_polls (store_key, day, polls) VALUES ($1, $2, $3)', [
      instantsUs.length,
      '2023-01-19',
      instantsUs.map((us) => (THURSDAY * 86_400_000_000 + us) * 2 + 1),
    ]);
  }

  /** @param first what happens after its snapshot is taken. */
  async function countDay(first: () => Promise<void> = async () => {}): Promise<void> {
    await counting.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      await counting.query('SELECT FROM poll_day_activity');
      await first();
      await recountDay(counting, '2023-01-19');
      await counting.query('COMMIT');
    } catch (error) {
      await counting.query('ROLLBACK');
      throw error;
    }
  }

  /** A count that somebody else's change is in the way of. */
  async function failToCountDay(first?: () => Promise<void>): Promise<void> {
    const error: unknown = await countDay(first).catch((thrown: unknown) => thrown);
    expect(isChangedMeanwhile(error)).toBe(true);
    expect(await staleDays(counting, 100)).toEqual(['2023-01-19']);
  }

  it('hold how many polls there were in each five minutes, the first and the last', async () => {
    await poll(changing, 0, 299_999_999, 86_399_999_999);
    await poll(changing, 7, 300_000_000);
    await countDay();
    expect(await staleDays(counting, 100)).toEqual([]);
    const [day] = await readActivity(counting, THURSDAY, THURSDAY);
    expect([day!.day, day!.polls.length, day!.firstUs.length, day!.lastUs.length]).toEqual([
      THURSDAY,
      288,
      288,
      288,
    ]);
    expect(day!.polls.slice(0, 3)).toEqual([3, 1, 0]);
    expect(day!.firstUs.slice(0, 2)).toEqual([0, 0]);
    expect(day!.lastUs.slice(0, 2)).toEqual([299_999_999, 0]);
    expect([day!.polls[287], day!.firstUs[287], day!.lastUs[287]]).toEqual([1, 299_999_999, 299_999_999]);
  });

  it('let nobody wait who changes the day while it is counted, and are thrown away then', async () => {
    await failToCountDay(async () => {
      await changing.query('BEGIN');
      await markDaysChanged(changing, [THURSDAY]);
      await poll(changing, 5);
      await changing.query('COMMIT');
    });
    await countDay();
    expect((await readActivity(counting, THURSDAY, THURSDAY))[0]!.polls[0]).toBe(1);
    await markDaysChanged(changing, [THURSDAY]);
    expect(await staleDays(counting, 100)).toEqual(['2023-01-19']);
  });

  it('are left to the next time while somebody changes the day', async () => {
    await changing.query('BEGIN');
    await markDaysChanged(changing, [THURSDAY]);
    await poll(changing, 5);
    await failToCountDay();
    await changing.query('COMMIT');
    await countDay();
    expect(await staleDays(counting, 100)).toEqual([]);
    expect((await readActivity(counting, THURSDAY, THURSDAY))[0]!.polls[0]).toBe(1);
  });

  it('are asked for of days that were loaded before days were counted', async () => {
    await poll(changing, 5);
    await counting.query('DELETE FROM poll_day_activity');
    const migration = await readFile(path.join(PROJECT_ROOT, 'migrations', '0010-polled-days.sql'), 'utf8');
    await counting.query(migration);
    await counting.query(migration);
    expect(await staleDays(counting, 100)).toEqual(['2023-01-19']);
  });

  it('are what all polls are counted by, but for days of which they hold no more', async () => {
    await poll(changing, 5, 6, 7);
    expect(await countPolls(counting)).toEqual({ rows: 3, estimated: false });
    await countDay();
    await changing.query('DELETE FROM store_day_polls');
    expect(await countPolls(counting)).toEqual({ rows: 3, estimated: false });
    await markDaysChanged(changing, [THURSDAY]);
    expect(await countPolls(counting)).toEqual({ rows: 0, estimated: false });
  });

  it('are right for who asks while they hold no more', async () => {
    await countDay();
    await markDaysChanged(changing, [THURSDAY]);
    await poll(changing, 5, 6);
    expect((await readActivity(counting, THURSDAY, THURSDAY))[0]!.polls[0]).toBe(2);
  });
});
