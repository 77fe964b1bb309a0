import { DataSource } from 'typeorm';
import { Clock } from '../src/platform/clock.js';
import { PollRetention } from '../src/stores/polls/poll-retention.js';
import { startTestApi, type TestApi } from './support/application.js';

const atUs = (text: string): number => Date.parse(text) * 1000;

/** One store with polls of two weeks, one with polls of the first alone, and one of the second alone. */
const POLLS = [
  'store_id,status,timestamp_utc',
  'both,active,2023-01-16 00:00:00 UTC',
  'both,inactive,2023-01-23 08:00:00 UTC',
  'both,active,2023-01-25 09:00:00 UTC',
  'former,active,2023-01-22 23:59:59.999999 UTC',
  'newer,active,2023-01-24 10:00:00 UTC',
  '',
].join('\n');

describe('keeping polls for a number of days', () => {
  let api: TestApi;
  let database: DataSource;
  let retention: PollRetention;
  let nowUs: number;

  beforeAll(async () => {
    api = await startTestApi({ retentionDays: 10 });
    database = api.app.get(DataSource);
    retention = api.app.get(PollRetention, { strict: false });
    jest.spyOn(api.app.get(Clock), 'nowUs').mockImplementation(() => nowUs);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    nowUs = atUs('2023-01-26T00:00:00Z');
    await api.putData({ 'store_status.csv': POLLS });
    await api.http.delete('/api/v1/data').expect(200);
    await api.http.post('/data/').expect(200);
  });

  const ranges = async (): Promise<unknown> =>
    database.query(
      `SELECT store_id, first_poll_us::float8 AS first, last_poll_us::float8 AS last FROM stores ORDER BY store_id`,
    );
  const days = async (table: string): Promise<string[]> =>
    (await database.query(`SELECT DISTINCT day::text FROM ${table} ORDER BY 1`)).map(
      (row: { day: string }) => row.day,
    );

  it('drops no week of which a poll is still young enough to be taken', async () => {
    const before = await ranges();
    for (const now of ['2023-01-26T00:00:00Z', '2023-02-01T23:59:59.999Z']) {
      nowUs = atUs(now);
      expect(await retention.run()).toEqual({ partitions: [], stores: 0 });
    }
    expect(await ranges()).toEqual(before);
  });

  it('drops weeks that lie wholly before, and tells the stores what their oldest poll is now', async () => {
    nowUs = atUs('2023-02-02T00:00:00Z');
    expect(await retention.run()).toEqual({ partitions: ['store_day_polls_2023w03'], stores: 2 });
    expect(await ranges()).toEqual([
      { store_id: 'both', first: atUs('2023-01-23T08:00:00Z'), last: atUs('2023-01-25T09:00:00Z') },
      { store_id: 'former', first: null, last: null },
      { store_id: 'newer', first: atUs('2023-01-24T10:00:00Z'), last: atUs('2023-01-24T10:00:00Z') },
    ]);
    const kept = ['2023-01-23', '2023-01-24', '2023-01-25'];
    expect(await days('store_day_polls')).toEqual(kept);
    expect(await days('poll_day_activity')).toEqual(kept);
    expect(await retention.run()).toEqual({ partitions: [], stores: 0 });
  });

  it('drops all there is when all of it is old, and takes new polls then', async () => {
    nowUs = atUs('2023-06-01T00:00:00Z');
    expect((await retention.run()).stores).toBe(3);
    expect(await days('store_day_polls')).toEqual([]);
    nowUs = atUs('2023-01-26T00:00:00Z');
    const { body } = await api.http
      .post('/api/v1/imports')
      .send({ source: 'directory', force: true })
      .expect(202);
    const loaded = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(loaded.body).toMatchObject({ status: 'completed', files: [{ inserted: 5 }] });
  });

  it('sets aside rows of files that are older, and says so', async () => {
    nowUs = atUs('2023-02-02T00:00:00Z');
    const { body } = await api.http
      .post('/api/v1/imports')
      .send({ source: 'directory', force: true })
      .expect(202);
    const loaded = await api.http.get(body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(loaded.body).toMatchObject({ status: 'completed', files: [{ read: 5, rejected: 2 }] });
    const { body: rejects } = await api.http.get(body.links.rejects).expect(200);
    expect(rejects.data).toEqual([
      expect.objectContaining({ line: 2, code: 'too_old' }),
      expect.objectContaining({ line: 5, code: 'too_old' }),
    ]);
    expect(rejects.data[0].detail).toBe(
      "'2023-01-16 00:00:00 UTC' lies more than 10 days back; older polls are not kept here (RETENTION_DAYS).",
    );
  });

  it('is put off while somebody reads for long, and drops nothing then', async () => {
    nowUs = atUs('2023-02-02T00:00:00Z');
    await database.transaction(async (manager) => {
      await manager.query('SELECT FROM store_day_polls');
      await expect(retention.run()).rejects.toMatchObject({ code: '55P03' });
    });
    expect(await days('store_day_polls')).toHaveLength(5);
    expect((await retention.run()).partitions).toHaveLength(1);
  });
});
