import fc from 'fast-check';
import { placeOf, type Standing, StoreStandings } from './store-standings.js';

const TENTH_US = 100_000;
const NOON_US = Date.parse('2023-01-18T12:00:00Z') * 1000;

function listOf(sinces: readonly number[]): StoreStandings {
  const list = new StoreStandings();
  for (const [key, sinceUs] of sinces.entries())
    list.add(key * 3, { state: 'down', date: 0, sinceUs, poll: null, downUs: key, leftUs: 0 });
  list.seal();
  return list;
}

function pages(list: StoreStandings, limit: number): Standing[] {
  const all: Standing[] = [];
  for (let page = list.page(null, limit); page.length > 0; page = list.page(placeOf(all.at(-1)!), limit))
    all.push(...page);
  return all;
}

describe('a list of stores in the same state', () => {
  it('is paged through in order, each store once', () => {
    const sinces = fc.array(
      fc.integer({ min: -74 * 36_000, max: 0 }).map((tenths) => NOON_US + tenths * TENTH_US),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(sinces, fc.integer({ min: 1, max: 7 }), (given, limit) => {
        const sorted = given
          .map((sinceUs, key) => ({ sinceUs, storeKey: key * 3 }))
          .toSorted((one, other) => one.sinceUs - other.sinceUs || one.storeKey - other.storeKey);
        expect(pages(listOf(given), limit).map(({ sinceUs, storeKey }) => ({ sinceUs, storeKey }))).toEqual(
          sorted,
        );
      }),
    );
  });

  it('goes on after a place whose store has left it', () => {
    const list = listOf([NOON_US, NOON_US + TENTH_US, NOON_US + 2 * TENTH_US]);
    const gone = { tenths: Math.floor(NOON_US / TENTH_US) + 1, storeKey: 1 };
    expect(list.page(gone, 10).map(({ storeKey }) => storeKey)).toEqual([3, 6]);
  });

  it('gives back what was added, however many are', () => {
    const list = listOf(Array.from({ length: 5_000 }, (_, i) => NOON_US + i));
    expect(list.size).toBe(5_000);
    expect(list.page({ tenths: 0, storeKey: 0 }, 5_000).at(-1)).toEqual({
      storeKey: 4_999 * 3,
      sinceUs: NOON_US + 4_999,
      poll: null,
      downUs: 4_999,
      leftUs: 0,
    });
  });

  it('is empty at first', () => {
    expect(listOf([]).page(null, 5)).toEqual([]);
  });
});
