import type { DatedWindow } from './facts.js';
import { type Interval, interval, mergeTouching, subtract } from './intervals.js';
import type { LocalDates } from './report-week.js';
import type { WindowsOf } from './schedule.js';
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

/** Rules 1 to 6: the business days of the given dates that have open time, in order of date. */
export function businessDays(windowsOf: WindowsOf, dates: LocalDates): BusinessDay[] {
  const days: BusinessDay[] = [];
  let reachUs = -Infinity;
  for (let i = 0; i < dates.midnightsUs.length; i++) {
    const date = dates.firstDate + i;
    let open = mergeTouching(intervalsOfDate(windowsOf(date), dates, i));
    if (open.length > 0 && open[0]!.startUs < reachUs) open = withoutEarlierDays(open, days);
    if (open.length === 0) continue;
    days.push({ date, open });
    reachUs = Math.max(reachUs, open.at(-1)!.endUs);
  }
  return days;
}

/**
 * Rule 4a: what the days outside the active dates cover of [fromUs, untilUs) and no active day does, sorted and apart.
 * @param inactive laid without the active days, as those were laid without them
 */
export function timeOfInactiveDays(
  inactive: readonly BusinessDay[],
  active: readonly BusinessDay[],
  fromUs: number,
  untilUs: number,
): readonly Interval[] {
  let time = mergeTouching(inactive.flatMap(({ open }) => open));
  for (const { open } of active) for (const covered of open) time = subtract(time, covered);
  return time
    .map(({ startUs, endUs }) => ({ startUs: Math.max(startUs, fromUs), endUs: Math.min(endUs, untilUs) }))
    .filter(({ startUs, endUs }) => startUs < endUs);
}

/** Rule 6; a window that vanishes in a gap is dropped (rule 4). */
function intervalsOfDate(windows: readonly DatedWindow[], dates: LocalDates, index: number): Interval[] {
  const intervals: Interval[] = [];
  for (const window of windows) {
    const startUs = instantAt(dates, index, window.startSecond);
    const endUs = instantAt(dates, index, endSecondOf(window));
    if (startUs < endUs) intervals.push(interval(startUs, endUs));
  }
  return intervals;
}

/** Rules 1 and 2: seconds after the 00:00 of the window's own date, past 86400 on the next. */
function endSecondOf({ startSecond, endSecond }: DatedWindow): number {
  const end = endSecond >= END_OF_DAY_FROM_SECOND ? DAY_SECONDS : endSecond;
  return end <= startSecond ? end + DAY_SECONDS : end;
}

function instantAt(dates: LocalDates, index: number, second: number): number {
  if (dates.plain[index]!) return dates.midnightsUs[index]! + second * SECOND_US;
  return dates.clock.instantOf((dates.firstDate + index) * DAY_US + second * SECOND_US);
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
