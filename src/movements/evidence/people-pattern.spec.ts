import { localClock } from '../../availability/index.js';
import { PeoplePattern } from './people-pattern.js';
import { quarterOf } from './store-presence.js';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
/** A Monday. */
const TODAY = Date.parse('2023-02-06T00:00:00Z') * 1000;

interface Past {
  /** So many days before today the store was open from 9 to 17. */
  open: readonly number[];
  /** … and had people from 10 to 11. */
  people: readonly number[];
  /** … and a camera sent something outside its hours. */
  watched?: readonly number[];
  zone?: string;
}

function pattern({ open, people, watched = open, zone = 'UTC' }: Past): PeoplePattern {
  const clock = localClock(zone);
  const at = (back: number, hour: number): number => clock.instantOf(TODAY - back * DAY_US + hour * HOUR_US);
  return new PeoplePattern(
    clock,
    open.map((back) => ({ startUs: at(back, 9), endUs: at(back, 17) })),
    {
      withPeople: new Set(people.map((back) => quarterOf(at(back, 10.5)))),
      sent: new Map([['a', watched.map((back) => quarterOf(at(back, 20)))]]),
    },
  );
}

const days = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const ten = (zone = 'UTC'): number => quarterOf(localClock(zone).instantOf(TODAY + 10 * HOUR_US));

describe("a store's own pattern", () => {
  it('expects people at an hour of the weekday that had them on more than half of its days', () => {
    const open = [7, 14, 21, 28];
    expect(pattern({ open, people: [7, 14, 21] }).expectsPeople(ten())).toBe(true);
    expect(pattern({ open, people: [7, 14] }).expectsPeople(ten())).toBe(false);
    expect(pattern({ open: [7, 14, 28], people: [7, 28] }).expectsPeople(ten())).toBe(true);
  });

  it('goes by all days where the weekday was open too seldom', () => {
    expect(pattern({ open: [1, 2, 3], people: [1, 2] }).expectsPeople(ten())).toBe(true);
    expect(pattern({ open: [1, 2, 3, 4], people: [1, 2] }).expectsPeople(ten())).toBe(false);
    expect(pattern({ open: [7, 14, 15, 16, 17], people: [7, 14] }).expectsPeople(ten())).toBe(false);
  });

  it('goes by the weekday alone where that tells', () => {
    const open = days(1, 28);
    const people = open.filter((back) => back % 7 !== 0);
    expect(pattern({ open, people }).expectsPeople(ten())).toBe(false);
  });

  it('is not known from fewer than three open days that were watched', () => {
    expect(pattern({ open: [1, 2], people: [1, 2] }).expectsPeople(ten())).toBeNull();
    expect(pattern({ open: [1, 2, 3], people: [1, 2], watched: [1, 2] }).expectsPeople(ten())).toBeNull();
    expect(pattern({ open: [29, 35, 42], people: [29, 35, 42] }).expectsPeople(ten())).toBeNull();
  });

  it('knows nothing of the day itself, and of hours outside those of business', () => {
    expect(pattern({ open: [0, 1, 2], people: [0, 1, 2] }).expectsPeople(ten())).toBeNull();
    expect(pattern({ open: days(1, 28), people: [] }).expectsPeople(ten() + 40)).toBeNull();
  });

  it('goes by the clock on the wall where clocks change', () => {
    // In Chicago 10:00 was 15:00Z before 5 November 2023 and is 16:00Z since.
    const today = Date.parse('2023-11-08T00:00:00Z') * 1000;
    const clock = localClock('America/Chicago');
    const at = (back: number, hour: number): number =>
      clock.instantOf(today - back * DAY_US + hour * HOUR_US);
    const back = [5, 6, 7];
    const found = new PeoplePattern(
      clock,
      back.map((day) => ({ startUs: at(day, 9), endUs: at(day, 17) })),
      {
        withPeople: new Set(back.map((day) => quarterOf(at(day, 10.5)))),
        sent: new Map([['a', back.map((day) => quarterOf(at(day, 12)))]]),
      },
    );
    expect(found.expectsPeople(quarterOf(Date.parse('2023-11-08T16:30:00Z') * 1000))).toBe(true);
    expect(found.expectsPeople(quarterOf(Date.parse('2023-11-08T15:30:00Z') * 1000))).toBe(false);
  });
});
