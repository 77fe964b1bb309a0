import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './support/database.js';

interface Figure {
  figure: string;
  unit: string;
  median: number;
}

const { measureWithStores } = jest.requireActual<{
  measureWithStores(setting: object): Promise<Figure[]>;
}>('../bench/movements.mjs');

const STORES = ['one', 'another'];
const SIZES = { rate: 500, backlog: 1_500, day: { events: 2_000, sessions: 40 } };

describe('the measurement of movement events', () => {
  let database: TestDatabase;
  let scratch: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    scratch = mkdtempSync(path.join(tmpdir(), 'storewatch-bench-test-'));
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('INSERT INTO stores (store_id) SELECT unnest($1::text[])', [STORES]);
    await client.end();
  });

  afterAll(async () => {
    await database.drop();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('has every figure, misses no event and refuses none, at any size', async () => {
    const told: string[] = [];
    const figures = await measureWithStores({
      server: { url: database.url },
      scratch,
      stores: STORES,
      seconds: 1,
      sizes: SIZES,
      tell: (line: string) => told.push(line),
    });
    const of = (name: string): number => figures.find(({ figure }) => figure === name)!.median;
    expect(of('movement events: missing or doubled')).toBe(0);
    expect(of('movement events: refused')).toBe(0);
    expect(figures.filter(({ median }) => !(median >= 0))).toEqual([]);
    expect(new Set(figures.map(({ figure, unit }) => `${figure}, ${unit}`)).size).toBe(figures.length);
    expect(told).toHaveLength(figures.length);
  }, 60_000);
});
