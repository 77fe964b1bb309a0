import { fail } from './assert.js';
import type { WeeklyWindow } from './facts.js';
import { type Interval, interval, mergeTouching, subtract } from './intervals.js';
import type { LocalDates } from './report-week.js';
import { DAY_SECONDS, DAY_US, SECOND_US } from './units.js';

/** The open time that belongs to one local date (rule 4). No instant is in two business days (rule 5). */
export interface BusinessDay {
  /** Days since 1970-01-01. */
  readonly date: number;
  /** Sorted, at least one, none touching another; not cut by asOf. */
  readonly open: readonly Interval[];
}

/** From here on an end is the end of the day: files write midnight as 23:59:00 and 23:59:59 (rule 1). */
const END_OF_DAY_FROM_SECOND = 23 * 3600 + 59 * 60;

/** The windows of each weekday, Monday first. */
type WindowsByWeekday = readonly (readonly WeeklyWindow[])[];

/** Rule 3. */
const AROUND_THE_CLOCK = byWeekday(
  [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ weekday, startSecond: 0, endSecond: DAY_SECONDS })),
);

/** Rules 1 to 6: the business days of the given dates that have open time, in order of date. */
export function businessDays(hours: readonly WeeklyWindow[] | null, dates: LocalDates): BusinessDay[] {
  const windows = hours === null ? AROUND_THE_CLOCK : byWeekday(hours);
  const days: BusinessDay[] = [];
  let reachUs = -Infinity;
  for (let i = 0; i < dates.midnightsUs.length; i++) {
    const date = dates.firstDate + i;
    let open = mergeTouching(intervalsOfDate(windows, dates, i));
    if (open.length > 0 && open[0]!.startUs < reachUs) open = withoutEarlierDays(open, days);
    if (open.length === 0) continue;
    days.push({ date, open });
    reachUs = Math.max(reachUs, open.at(-1)!.endUs);
  }
  return days;
}

function byWeekday(hours: readonly WeeklyWindow[]): WindowsByWeekday {
  if (hours.length === 0)
    fail('a store without hour rows must have hours null, which means open around the clock');
  const windows: WeeklyWindow[][] = [[], [], [], [], [], [], []];
  for (const window of hours) {
    checkWindow(window);
    windows[window.weekday]!.push(window);
  }
  return windows;
}

function checkWindow({ weekday, startSecond, endSecond }: WeeklyWindow): void {
  const ok = isWithin(weekday, 6) && isWithin(startSecond, DAY_SECONDS) && isWithin(endSecond, DAY_SECONDS);
  if (!ok) fail(`no such business hours: weekday ${weekday}, seconds ${startSecond} to ${endSecond}`);
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Rule 6; a window that vanishes in a gap is dropped (rule 4). */
function intervalsOfDate(windows: WindowsByWeekday, dates: LocalDates, index: number): Interval[] {
  const intervals: Interval[] = [];
  for (const window of windows[weekdayOf(dates.firstDate + index)]!) {
    const startUs = instantAt(dates, index, window.startSecond);
    const endUs = instantAt(dates, index, endSecondOf(window));
    if (startUs < endUs) intervals.push(interval(startUs, endUs));
  }
  return intervals;
}

/** Rules 1 and 2: seconds after the 00:00 of the window's own date, past 86400 on the next. */
function endSecondOf({ startSecond, endSecond }: WeeklyWindow): number {
  const end = endSecond >= END_OF_DAY_FROM_SECOND ? DAY_SECONDS : endSecond;
  return end <= startSecond ? end + DAY_SECONDS : end;
}

function instantAt(dates: LocalDates, index: number, second: number): number {
  if (dates.plain[index]!) return dates.midnightsUs[index]! + second * SECOND_US;
  return dates.clock.instantOf((dates.firstDate + index) * DAY_US + second * SECOND_US);
}

/** 0 is Monday; 1970-01-01 was a Thursday. */
function weekdayOf(date: number): number {
  return (((date + 3) % 7) + 7) % 7;
}

/** Rule 5. Not simply a later start: a window pushed out of a gap can lie in the middle of the next date's. */
function withoutEarlierDays(
  open: readonly Interval[],
  earlierDays: readonly BusinessDay[],
): readonly Interval[] {
  let rest = open;
  for (const day of earlierDays) {
    if (day.open.at(-1)!.endUs <= open[0]!.startUs) continue;
    for (const covered of day.open) rest = subtract(rest, covered);
  }
  return rest;
}
