// Weeks of business hours by name: for each day (0 is Monday) its windows, as the file writes them.

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const MON_TO_FRI = [0, 1, 2, 3, 4];

const week = (days, ...windows) => days.flatMap((day) => windows.map(([start, end]) => [day, start, end]));

export const WEEKS = {
  daytime: week(EVERY_DAY, ['09:00:00', '21:00:00']),
  early: week(EVERY_DAY, ['06:00:00', '15:00:00']),
  office: week(MON_TO_FRI, ['08:30:00', '18:00:00']),
  closedSunday: week([0, 1, 2, 3, 4, 5], ['10:00:00', '20:30:00']),
  closedMonday: week([1, 2, 3, 4, 5, 6], ['11:00:00', '22:00:00']),
  lunchAndDinner: week(EVERY_DAY, ['11:00:00', '14:30:00'], ['17:00:00', '22:15:00']),
  threeServices: week(
    EVERY_DAY,
    ['07:00:00', '10:00:00'],
    ['11:30:00', '14:00:00'],
    ['17:30:00', '21:30:00'],
  ),
  // Two windows that touch: one business day without a seam.
  touching: week(EVERY_DAY, ['08:00:00', '14:00:00'], ['14:00:00', '20:00:00']),
  // Nights in one row that ends before it starts …
  nightOnly: week(EVERY_DAY, ['22:00:00', '02:00:00']),
  eveningToNight: week([3, 4, 5, 6], ['17:00:00', '02:30:00']),
  // … and in two rows around midnight, with each of the ways in which midnight is written.
  nightInTwoRows: week(EVERY_DAY, ['00:00:00', '02:00:00'], ['16:00:00', '23:59:00']),
  nightInTwoRowsSeconds: week(EVERY_DAY, ['00:00:00', '03:00:00'], ['18:00:00', '23:59:59']),
  // Starts inside the hour that is skipped on the Sunday when the clocks change.
  bakery: week([1, 2, 3, 4, 5, 6], ['02:30:00', '11:00:00']),
  // A row that is hardly meant: real files have such windows of ten minutes.
  tenMinutes: week([2, 4], ['00:00:00', '00:10:00']),
  aroundTheClock: week(EVERY_DAY, ['00:00:00', '24:00:00']),
  sameStartAndEnd: week(EVERY_DAY, ['06:00:00', '06:00:00']),
  /** No row at all: open around the clock. */
  none: [],
};
