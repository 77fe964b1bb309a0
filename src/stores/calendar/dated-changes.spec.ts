import fc from 'fast-check';
import { lastUpTo, planChange } from './dated-changes.js';

type Change = { fromDate: number; value: string };

function applied(
  changes: readonly Change[],
  before: string,
  from: { date: number; value: string },
): Change[] {
  const { remove, insert } = planChange(changes, before, from, (one, other) => one === other);
  return [
    ...changes.filter(({ fromDate }) => !remove || fromDate !== from.date),
    ...(insert ? [{ fromDate: from.date, value: from.value }] : []),
  ].toSorted((a, b) => a.fromDate - b.fromDate);
}

const valueOn = (changes: readonly Change[], before: string, date: number): string =>
  lastUpTo(changes, date)?.value ?? before;

describe('planChange', () => {
  it('needs no change for what is in force', () => {
    expect(applied([], 'a', { date: 5, value: 'a' })).toEqual([]);
    const changes = [{ fromDate: 3, value: 'b' }];
    expect(applied(changes, 'a', { date: 5, value: 'b' })).toEqual(changes);
    expect(applied(changes, 'a', { date: 3, value: 'b' })).toEqual(changes);
    expect(applied(changes, 'a', { date: 3, value: 'a' })).toEqual([]);
  });

  it('needs one for what was only assumed so far', () => {
    expect(planChange([], null, { date: 5, value: 'a' }, (one, other) => one === other)).toEqual({
      remove: false,
      insert: true,
    });
  });

  it('lets the value hold from the date on up to the next change, and leaves all else', () => {
    const value = fc.constantFrom('a', 'b', 'c');
    const changes = fc
      .uniqueArray(fc.record({ fromDate: fc.integer({ min: 0, max: 12 }), value }), {
        selector: (one) => one.fromDate,
      })
      .map((list) => list.toSorted((a, b) => a.fromDate - b.fromDate));
    fc.assert(
      fc.property(
        changes,
        value,
        fc.record({ date: fc.integer({ min: 0, max: 12 }), value }),
        (list, before, from) => {
          const after = applied(list, before, from);
          expect(new Set(after.map(({ fromDate }) => fromDate)).size).toBe(after.length);
          const next = list.find(({ fromDate }) => fromDate > from.date)?.fromDate ?? Infinity;
          for (let date = -1; date <= 14; date++) {
            const expected = date >= from.date && date < next ? from.value : valueOn(list, before, date);
            expect(valueOn(after, before, date)).toBe(expected);
          }
        },
      ),
    );
  });
});
