import fc from 'fast-check';
import {
  ESTIMATORS,
  type Policy,
  pollCode,
  sortPolls,
  type StoreFacts,
  UNOBSERVED_WAYS,
  type WeeklyWindow,
  WINDOW_MODES,
} from '../../src/availability/index.js';

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** Weeks in which local time does something unusual, each by an instant within it. */
const MOMENTS: readonly (readonly [zone: string, near: string, why: string])[] = [
  ['America/New_York', '2023-01-18T21:00:00Z', 'nothing unusual'],
  ['America/Chicago', '2023-03-12T08:00:00Z', 'an hour skipped at 02:00'],
  ['America/Chicago', '2023-11-05T07:00:00Z', 'an hour repeated at 01:00'],
  ['America/Boise', '2024-03-10T09:00:00Z', 'a zone of the real data'],
  ['Asia/Beirut', '2023-03-29T22:00:00Z', 'midnight skipped'],
  ['Asia/Beirut', '2022-10-29T21:00:00Z', 'midnight falls back into the date before'],
  ['America/Havana', '2022-11-06T05:00:00Z', 'midnight repeated'],
  ['America/St_Johns', '2010-03-14T03:31:00Z', 'a skip one minute after midnight'],
  ['America/St_Johns', '2010-11-07T02:31:00Z', 'a date that comes, goes and comes again'],
  ['America/Nuuk', '2024-03-31T01:00:00Z', 'the last hour of a date skipped'],
  ['Australia/Lord_Howe', '2023-10-01T15:30:00Z', 'half an hour skipped'],
  ['Australia/Lord_Howe', '2023-04-01T15:00:00Z', 'half an hour repeated'],
  ['Antarctica/Troll', '2023-03-26T01:00:00Z', 'two hours skipped'],
  ['Antarctica/Casey', '2018-03-10T17:00:00Z', 'three hours repeated'],
  ['America/Recife', '2000-10-11T02:00:00Z', 'two transitions within seven days'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z', 'a whole date skipped'],
  ['Asia/Kathmandu', '2023-06-01T00:00:00Z', 'an offset of quarter hours'],
];

export const wholeSecond = fc.oneof(
  fc.constantFrom(
    0,
    60,
    1800,
    3600,
    5400,
    7200,
    9000,
    10_800,
    43_200,
    82_800,
    84_600,
    86_339,
    86_340,
    86_399,
    86_400,
  ),
  fc.integer({ min: 0, max: 96 }).map((quarters) => quarters * 900),
  fc.integer({ min: 0, max: 86_400 }),
);

const weeklyWindow: fc.Arbitrary<WeeklyWindow> = fc.record({
  weekday: fc.integer({ min: 0, max: 6 }),
  startSecond: wholeSecond,
  endSecond: wholeSecond,
});

function onEveryWeekday({ startSecond, endSecond }: WeeklyWindow): WeeklyWindow[] {
  return [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, startSecond, endSecond }));
}

/** The same windows on every weekday are common, and make neighbouring business days meet. */
export const weeklyHours: fc.Arbitrary<WeeklyWindow[] | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.array(weeklyWindow, { minLength: 1, maxLength: 14 }) },
  {
    weight: 4,
    arbitrary: fc
      .array(weeklyWindow, { minLength: 1, maxLength: 2 })
      .map((rows) => rows.flatMap(onEveryWeekday)),
  },
);

/** Whole hours, and a microsecond beside them, are where off-by-one mistakes would be. */
const distance = (most: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: Math.floor(most / (HOUR / 4)) }).map((quarters) => quarters * (HOUR / 4)),
    fc
      .tuple(fc.integer({ min: 1, max: Math.floor(most / HOUR) }), fc.constantFrom(-1, 1))
      .map(([wholeHours, aside]) => wholeHours * HOUR + aside),
    fc.integer({ min: 0, max: most }),
  );

export const arbitraryPolicy: fc.Arbitrary<Policy> = fc.record({
  windows: fc.constantFrom(...WINDOW_MODES),
  unobserved: fc.constantFrom(...UNOBSERVED_WAYS),
  estimator: fc.constantFrom(...ESTIMATORS),
});

/** A store with an asOf within eight days of something unusual, and polls from before its week to after its asOf. */
export const arbitraryStore: fc.Arbitrary<{ facts: StoreFacts; asOfUs: number }> = fc
  .record({
    moment: fc.constantFrom(...MOMENTS),
    after: distance(8 * DAY),
    hours: weeklyHours,
    polls: fc.array(fc.tuple(distance(11 * DAY), fc.boolean()), { maxLength: 14 }),
  })
  .map(({ moment: [zone, near], after, hours, polls }) => {
    const asOfUs = Date.parse(near) * 1000 - 12 * HOUR + after;
    const codes = polls.map(([before, active]) => pollCode(asOfUs + HOUR - before, active));
    return { facts: { zone, hours, polls: sortPolls(codes) }, asOfUs };
  });
