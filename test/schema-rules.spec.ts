import pg from 'pg';
import { ensureMovementPartitions } from '../src/movements/storing/movement-partitions.js';
import { ensurePartitions, weekOfDay } from '../src/stores/polls/poll-partitions.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { breachedRules } from './support/schema-rules.js';

describe('the schema', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('is one that can be distributed by store, with the partitions that are made later', async () => {
    await client.query('BEGIN');
    await ensurePartitions(client, [weekOfDay(19_375), weekOfDay(19_382)]);
    await ensureMovementPartitions(client, [19_375, 19_376]);
    expect(await breachedRules(client)).toEqual([]);
    await client.query('ROLLBACK');
  });

  describe('when it breaks a rule', () => {
    beforeEach(async () => {
      await client.query(`
        CREATE SCHEMA trial;
        CREATE TABLE trial.polls (store_key integer NOT NULL, day date NOT NULL, CONSTRAINT polls_pkey PRIMARY KEY (store_key, day))
          PARTITION BY RANGE (day);
        CREATE TABLE trial.polls_old PARTITION OF trial.polls FOR VALUES FROM ('2000-01-01') TO ('2001-01-01');
        CREATE TABLE trial.rows (store_key integer NOT NULL, day date NOT NULL,
          CONSTRAINT rows_pkey PRIMARY KEY (day, store_key),
          CONSTRAINT rows_polls FOREIGN KEY (store_key, day) REFERENCES trial.polls (store_key, day));
        CREATE TABLE trial.zones (zone text CONSTRAINT zones_pkey PRIMARY KEY);
        CREATE TABLE trial.jobs (id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT jobs_pkey PRIMARY KEY);
        CREATE FUNCTION trial.nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';`);
    });

    afterEach(async () => {
      await client.query('DROP SCHEMA trial CASCADE');
    });

    const CLASSES = { polls: 'large', rows: 'large', zones: 'reference', jobs: 'local' } as const;

    it.each([
      ['nothing', 'SELECT 1', []],
      [
        'a unique index without the key',
        'CREATE UNIQUE INDEX days ON trial.rows (day)',
        ['trial.days of trial.rows has no store_key: no node can tell whether it is unique.'],
      ],
      [
        'a unique index that only carries the key along',
        'CREATE UNIQUE INDEX days ON trial.rows (day) INCLUDE (store_key)',
        ['trial.days of trial.rows has no store_key: no node can tell whether it is unique.'],
      ],
      [
        'a unique index of one partition',
        'CREATE UNIQUE INDEX old_days ON trial.polls_old (day)',
        ['trial.old_days of trial.polls_old has no store_key: no node can tell whether it is unique.'],
      ],
      [
        'an exclusion without the key',
        'ALTER TABLE trial.rows ADD CONSTRAINT one_a_day EXCLUDE USING btree (day WITH =)',
        ['trial.one_a_day of trial.rows has no store_key: no node can tell whether it is unique.'],
      ],
      [
        'a table without the key',
        'ALTER TABLE trial.rows DROP COLUMN store_key',
        ['trial.rows has no column store_key integer NOT NULL, by which large tables are cut.'],
      ],
      [
        'a foreign key to a local table',
        'ALTER TABLE trial.rows ADD COLUMN job bigint CONSTRAINT rows_job REFERENCES trial.jobs (id)',
        [
          'rows_job leads from trial.rows to trial.jobs, which is neither a reference table nor cut by store_key along with it.',
        ],
      ],
      [
        'a foreign key to a reference table',
        'ALTER TABLE trial.rows ADD COLUMN zone text CONSTRAINT rows_zone REFERENCES trial.zones (zone)',
        [],
      ],
      [
        'a trigger',
        'CREATE TRIGGER told AFTER INSERT ON trial.zones FOR EACH ROW EXECUTE FUNCTION trial.nothing()',
        ['trial.zones has the trigger told; a distributed table can not have any.'],
      ],
      [
        'an identity column',
        'ALTER TABLE trial.rows ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY',
        ['trial.rows.number is numbered by a sequence, which would be another one on every node.'],
      ],
      [
        'a sequence',
        'ALTER TABLE trial.rows ADD COLUMN number bigserial',
        ['trial.rows.number is numbered by a sequence, which would be another one on every node.'],
      ],
      [
        'a table of no class',
        'CREATE TABLE trial.visits (store_key integer)',
        ['visits has no class: say in table-classes.ts whether it is large, reference or local.'],
      ],
      [
        'a class of no table',
        'DROP TABLE trial.jobs',
        ['jobs has a class in table-classes.ts, but there is no such table.'],
      ],
    ])('tells of %s', async (_, change, sentences) => {
      await client.query(change);
      expect(await breachedRules(client, 'trial', CLASSES)).toEqual(sentences);
    });
  });
});
