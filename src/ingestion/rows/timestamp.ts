/** Polls before this instant are rejected: 2000-01-01. Microseconds since 1970. */
export const OLDEST_POLL_US = 946_684_800_000_000;

/** How far ahead of the clock a poll may be: other machines' clocks differ a little. */
export const MOST_AHEAD_US = 600_000_000;

const DAY_US = 86_400_000_000;
const MOST_DAYS = 10_000;
const ZERO = 0x30;
const FRACTION_UNITS = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/**
 * Reads instants such as `2023-01-22 12:09:39.388884 UTC`, once for each of millions of rows: by character code, and
 * with the day worked out anew only when it changes. Nothing but this form is an instant: `Date` would read
 * `2023-02-30` as March 2 and drop microseconds, and PostgreSQL would take `tomorrow`.
 */
export class TimestampParser {
  private readonly days = new Map<number, number>();

  /**
   * Microseconds since 1970 of `YYYY-MM-DD hh:mm:ss[.ffffff]` with `T` or a space in the middle and `UTC`, `Z` or
   * `±hh:mm` behind; NaN for anything else.
   */
  parse(text: string): number {
    const year = digits4(text);
    const month = digits2(text, 5);
    const day = digits2(text, 8);
    const hour = digits2(text, 11);
    const minute = digits2(text, 14);
    const second = digits2(text, 17);
    // A character that is no digit makes its number NaN, and every comparison with it false.
    if (!(year >= 0 && hour < 24 && minute < 60 && second < 60)) return NaN;
    const between = text.charCodeAt(10);
    if (
      (between !== 0x20 && between !== 0x54) ||
      text.charCodeAt(4) !== 0x2d ||
      text.charCodeAt(7) !== 0x2d ||
      text.charCodeAt(13) !== 0x3a ||
      text.charCodeAt(16) !== 0x3a
    )
      return NaN;
    const dayUs = this.startOfDay(year, month, day);
    let at = 19;
    let us = 0;
    if (text.charCodeAt(at) === 0x2e) {
      at++;
      const start = at;
      for (let code = text.charCodeAt(at) - ZERO; code >= 0 && code < 10; code = text.charCodeAt(at) - ZERO) {
        if (at - start === 6) return NaN;
        us = us * 10 + code;
        at++;
      }
      if (at === start) return NaN;
      us *= FRACTION_UNITS[at - start] ?? NaN;
    }
    return dayUs + ((hour * 60 + minute) * 60 + second) * 1_000_000 + us - offsetUs(text, at);
  }

  /** Microseconds since 1970 at which a date starts; NaN when there is no such date. */
  private startOfDay(year: number, month: number, day: number): number {
    const key = year * 10_000 + month * 100 + day;
    let us = this.days.get(key);
    if (us === undefined) {
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      const exists = month >= 1 && day >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      us = exists ? (date.getTime() / 86_400_000) * DAY_US : NaN;
      if (this.days.size < MOST_DAYS) this.days.set(key, us);
    }
    return us;
  }
}

/** Whether an instant is one but for its zone: then nobody can know which it is. */
export function lacksZone(text: string): boolean {
  return !Number.isNaN(new TimestampParser().parse(`${text}Z`));
}

/** What the text says about its zone from `at` on; NaN when it says nothing that is understood. */
function offsetUs(text: string, at: number): number {
  const start = text.charCodeAt(at) === 0x20 ? at + 1 : at;
  const length = text.length - start;
  const first = text.charCodeAt(start);
  if (length === 3 && first === 0x55) return text.endsWith('UTC') ? 0 : NaN;
  if (length === 1 && first === 0x5a) return 0;
  if (length !== 6 || (first !== 0x2b && first !== 0x2d) || text.charCodeAt(start + 3) !== 0x3a) return NaN;
  const hours = digits2(text, start + 1);
  const minutes = digits2(text, start + 4);
  if (!(hours <= 14 && minutes < 60)) return NaN;
  return (first === 0x2d ? -1 : 1) * (hours * 60 + minutes) * 60_000_000;
}

function digits2(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : NaN;
}

function digits4(text: string): number {
  return digits2(text, 0) * 100 + digits2(text, 2);
}
