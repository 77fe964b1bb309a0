import pg from 'pg';
import { distribute } from '../src/platform/database/distribute.js';
import { isDistributed } from '../src/platform/database/distributed.js';
import { tablesOfClass } from '../src/platform/database/table-classes.js';
import { callsOfStandIn, standInForCitus } from './support/citus-stand-in.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

describe('a database', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  /** Connected anew: the search path is one of new connections. */
  async function withStandIn(): Promise<void> {
    await standInForCitus(client);
    await client.end();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  }

  it('without Citus is left as it is, and says what is missing', async () => {
    await expect(distribute(database.url)).rejects.toThrow(
      'This PostgreSQL has no extension citus, so its tables can not be distributed; nothing was changed.',
    );
    expect(await isDistributed(client)).toBe(false);
  });

  it('lays every large table side by side, by store', async () => {
    await withStandIn();
    const [first, ...others] = tablesOfClass('large');
    expect(await distribute(database.url)).toEqual([
      `${first}: distributed by store_key`,
      ...others.map((name) => `${name}: distributed by store_key, beside ${first}`),
    ]);
    expect(await callsOfStandIn(client)).toEqual([
      `distributed ${first} by store_key with none`,
      ...others.map((name) => `distributed ${name} by store_key with ${first}`),
    ]);
  });

  it('is known to be distributed from then on, and not because Citus is there', async () => {
    await withStandIn();
    expect(await isDistributed(client)).toBe(false);
    await distribute(database.url);
    expect(await isDistributed(client)).toBe(true);
  });

  it('is distributed once, and by two at the same time too', async () => {
    await withStandIn();
    const done = await Promise.all([distribute(database.url), distribute(database.url)]);
    expect(done.map((lines) => lines.length).sort()).toEqual([0, tablesOfClass('large').length]);
    expect(await distribute(database.url)).toEqual([]);
    expect(await callsOfStandIn(client)).toHaveLength(tablesOfClass('large').length);
  });

  it('has a table distributed that came with a later version, and no other', async () => {
    await withStandIn();
    await distribute(database.url);
    await client.query(
      `DELETE FROM citus_stand_in.pg_dist_partition WHERE logicalrelid = 'report_rows'::regclass`,
    );
    expect(await distribute(database.url)).toEqual([
      'report_rows: distributed by store_key, beside store_day_polls',
    ]);
  });

  it.each([
    [
      'by another column',
      `UPDATE citus_stand_in.pg_dist_partition SET partkey = 'report_id' WHERE logicalrelid = 'report_rows'::regclass`,
      'report_rows should be distributed by store_key, but is distributed by report_id.',
    ],
    [
      'elsewhere than its neighbours',
      `UPDATE citus_stand_in.pg_dist_partition SET colocationid = 7 WHERE logicalrelid = 'report_rows'::regclass`,
      'report_rows should be cut like store_day_polls, but is distributed by store_key.',
    ],
    [
      'on every node',
      `UPDATE citus_stand_in.pg_dist_partition SET partmethod = 'n' WHERE logicalrelid = 'report_rows'::regclass`,
      'report_rows should be distributed by store_key, but is known to Citus as something else.',
    ],
  ])('of which a table lies %s is left alone, and says how to mend it', async (_, change, sentence) => {
    await withStandIn();
    await distribute(database.url);
    await client.query(change);
    await expect(distribute(database.url)).rejects.toThrow(sentence);
    await expect(distribute(database.url)).rejects.toThrow(`SELECT undistribute_table('report_rows')`);
  });

  it('is distributed whole or not at all', async () => {
    await withStandIn();
    await client.query('ALTER TABLE report_rows RENAME TO rows_of_reports');
    await expect(distribute(database.url)).rejects.toThrow('report_rows');
    expect(await callsOfStandIn(client)).toEqual([]);
    expect(await isDistributed(client)).toBe(false);
  });
});
