import { fail } from './assert.js';
import type { DatedWindow, StoreCalendar, StoreFacts, WeeklyWindow } from './facts.js';
import { DAY_SECONDS } from './units.js';

/** The windows of a date, before rules 1 and 2 are applied. */
export type WindowsOf = (date: number) => readonly DatedWindow[];

/** Which windows hold on which date. */
export interface Schedule {
  /** None on dates outside the active ones. */
  readonly windowsOf: WindowsOf;
  /** None on active dates; null where all dates are active. */
  readonly inactiveWindowsOf: WindowsOf | null;
}

/** The windows of each weekday, Monday first. */
type WindowsByWeekday = readonly (readonly WeeklyWindow[])[];

const CLOSED: readonly DatedWindow[] = [];

/** Rule 3. */
const AROUND_THE_CLOCK = byWeekday(
  [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, startSecond: 0, endSecond: DAY_SECONDS })),
);

/**
 * Rules 3, 3a, 3b and 4a.
 * @param firstDate of those that will be asked for
 * @param lastDate likewise
 */
export function scheduleOf(
  { hours, calendar }: Pick<StoreFacts, 'hours' | 'calendar'>,
  firstDate: number,
  lastDate: number,
): Schedule {
  const weekly = weeklyWindows(hours);
  if (calendar === undefined || calendar === null)
    return { windowsOf: (date) => weekly[weekdayOf(date)]!, inactiveWindowsOf: null };
  const windowsOf = windowsByCalendar(weekly, calendar);
  const activeFrom = calendar.activeFrom ?? -Infinity;
  const activeUntil = calendar.activeUntil ?? Infinity;
  if (activeFrom <= firstDate && lastDate <= activeUntil) return { windowsOf, inactiveWindowsOf: null };
  const isActive = (date: number) => activeFrom <= date && date <= activeUntil;
  return {
    windowsOf: (date) => (isActive(date) ? windowsOf(date) : CLOSED),
    inactiveWindowsOf: (date) => (isActive(date) ? CLOSED : windowsOf(date)),
  };
}

/** A mistake when changes are out of order, or two are for one date: it would not be plain which of them holds. */
export function checkOrder(changes: readonly { readonly fromDate: number }[]): void {
  let former = -Infinity;
  for (const { fromDate } of changes) {
    if (!Number.isInteger(fromDate) || fromDate <= former)
      fail(`changes must be sorted and one for each date, at ${fromDate} they are not`);
    former = fromDate;
  }
}

/** Rules 3a and 3b. */
function windowsByCalendar(weekly: WindowsByWeekday, { hoursChanges, exceptions }: StoreCalendar): WindowsOf {
  checkOrder(hoursChanges);
  const changes = hoursChanges.map(({ fromDate, hours }) => ({ fromDate, weekly: weeklyWindows(hours) }));
  return (date) => {
    const exception = exceptions.get(date);
    if (exception !== undefined) return checkedException(date, exception);
    const inForce = changes.findLast(({ fromDate }) => fromDate <= date)?.weekly ?? weekly;
    return inForce[weekdayOf(date)]!;
  };
}

function weeklyWindows(hours: readonly WeeklyWindow[] | null): WindowsByWeekday {
  return hours === null ? AROUND_THE_CLOCK : byWeekday(hours);
}

function byWeekday(hours: readonly WeeklyWindow[]): WindowsByWeekday {
  if (hours.length === 0)
    fail('a store without hour rows must have hours null, which means open around the clock');
  const windows: WeeklyWindow[][] = [[], [], [], [], [], [], []];
  for (const window of hours) {
    const { weekday, startSecond, endSecond } = window;
    if (!isWithin(weekday, 6) || !areSeconds(window))
      fail(`no such business hours: weekday ${weekday}, seconds ${startSecond} to ${endSecond}`);
    windows[weekday]!.push(window);
  }
  return windows;
}

function checkedException(date: number, windows: readonly DatedWindow[]): readonly DatedWindow[] {
  for (const window of windows) {
    if (!areSeconds(window))
      fail(`no such hours on date ${date}: seconds ${window.startSecond} to ${window.endSecond}`);
  }
  return windows;
}

function areSeconds({ startSecond, endSecond }: DatedWindow): boolean {
  return isWithin(startSecond, DAY_SECONDS) && isWithin(endSecond, DAY_SECONDS);
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** 0 is Monday; 1970-01-01 was a Thursday. */
function weekdayOf(date: number): number {
  return (((date + 3) % 7) + 7) % 7;
}
