import { DataSource } from 'typeorm';
import { withConnection } from '../src/platform/database/connection.js';
import { copyOut, copyOutPages } from '../src/platform/database/copy-binary-reader.js';
import { copyIn } from '../src/platform/database/copy-binary-writer.js';
import { createEmptyDatabase, type TestDatabase } from './support/database.js';

describe('binary COPY', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    await dataSource.query(
      'CREATE TABLE things (n int4 NOT NULL, big int8, yes bool, words text, day date, id uuid, bigs int8[], ints int4[])',
    );
  });

  afterEach(() => dataSource.query('TRUNCATE things'));

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const columns = ['n', 'big', 'yes', 'words', 'day', 'id', 'bigs', 'ints'];

  it('writes what the server understands: every type, null, and numbers beyond 32 bits', async () => {
    await withConnection(dataSource, (client) =>
      copyIn(client, 'things', columns, async (rows) => {
        rows.row(8);
        rows.int4(-7);
        rows.int8(3_349_340_804_958_441);
        rows.bool(true);
        rows.text('Zoë\t\\.\n"x"');
        rows.date(19_382);
        rows.uuid('0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000');
        rows.int8Array(Float64Array.of(0, 1, 3_349_340_804_958_441, 4), 1, 3);
        rows.int4Array([0, 86_400, -1]);
        rows.row(8);
        rows.int4(1);
        for (let i = 0; i < 7; i++) rows.null();
      }),
    );
    const [first, second] = await dataSource.query('SELECT *, day::text AS day FROM things ORDER BY n');
    expect(first).toEqual({
      n: -7,
      big: '3349340804958441',
      yes: true,
      words: 'Zoë\t\\.\n"x"',
      day: '2023-01-25',
      id: '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000',
      bigs: ['1', '3349340804958441'],
      ints: [0, 86_400, -1],
    });
    expect(second).toMatchObject({ n: 1, big: null, words: null, bigs: null });
  });

  it('reads every type and null', async () => {
    await withConnection(dataSource, async (client) => {
      const rows = await copyOut(
        client,
        `SELECT 5::int4, NULL::int4, -3349340804958441::int8, false, 'Zoë'::text, '{1,2,-3}'::int4[], '{7,3349340804958441}'::int8[], '{}'::int8[]`,
      );
      expect(rows.next()).toBe(true);
      expect(rows.int4()).toBe(5);
      expect(rows.int4()).toBeNull();
      expect(rows.int8()).toBe(-3_349_340_804_958_441);
      expect(rows.bool()).toBe(false);
      expect(rows.text()).toBe('Zoë');
      expect([...rows.int4Array()!]).toEqual([1, 2, -3]);
      const target = new Float64Array(3);
      expect(rows.peekElements()).toBe(2);
      expect(rows.int8ArrayInto(target, 1)).toBe(3);
      expect([...target]).toEqual([0, 7, 3_349_340_804_958_441]);
      expect(rows.int8ArrayInto(target, 0)).toBe(0);
      expect(rows.next()).toBe(false);
    });
  });

  it('hands over a long result in pages that lose and double nothing', async () => {
    await withConnection(dataSource, async (client) => {
      let expected = 0;
      let pages = 0;
      let wrong = 0;
      const query = `SELECT n::int4, repeat('x', n % 97) FROM generate_series(0, 99999) AS g (n)`;
      for await (const rows of copyOutPages(client, query)) {
        pages += 1;
        while (rows.next()) {
          if (rows.int4() !== expected || rows.text()!.length !== expected % 97) wrong += 1;
          expected += 1;
        }
      }
      expect(expected).toBe(100_000);
      expect(wrong).toBe(0);
      expect(pages).toBeGreaterThan(3);
    });
  });

  it('keeps nothing when the source of the rows fails in the middle, and leaves no COPY behind', async () => {
    const broken = withConnection(dataSource, (client) =>
      copyIn(client, 'things', ['n'], async (rows) => {
        for (let n = 0; n < 100_000; n++) {
          rows.row(1);
          rows.int4(n);
          await rows.drained();
        }
        throw new Error('the file ended in the middle');
      }),
    );
    await expect(broken).rejects.toThrow('the file ended in the middle');
    expect(await dataSource.query('SELECT count(*)::int AS count FROM things')).toEqual([{ count: 0 }]);
  });

  it("fails with the server's own reason when a row is refused", async () => {
    const refused = withConnection(dataSource, (client) =>
      copyIn(client, 'things', ['n'], async (rows) => {
        rows.row(1);
        rows.null();
      }),
    );
    await expect(refused).rejects.toThrow(/null value in column "n"/);
  });
});
