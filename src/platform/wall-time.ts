const TIME = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;

/** The last second that a time of day may name: 24:00, which ends a day. */
export const DAY_SECONDS = 86_400;

/** What a date has to look like, for sentences. */
export const DATE_RULE = 'a date that exists, written YYYY-MM-DD, from 1900-01-01 to 2199-12-31';
const FIRST_DAY = Date.UTC(1900, 0, 1) / DAY_MS;
const LAST_DAY = Date.UTC(2199, 11, 31) / DAY_MS;

/** Seconds after midnight of `hh:mm` or `hh:mm:ss`, 24:00 at the most; null for anything else. */
export function parseTimeOfDay(text: string): number | null {
  const [, hours, minutes, seconds = '0'] = TIME.exec(text) ?? [];
  if (hours === undefined || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const total = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return total <= DAY_SECONDS ? total : null;
}

/** `09:00:00` of seconds after midnight; 86400 is `24:00:00`. */
export function formatTimeOfDay(second: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

/**
 * Days since 1970-01-01 of `2023-01-22`; null for anything else. Bounded, since instants are exact in no century that
 * follows and offsets had seconds in those before.
 */
export function parseDate(text: string): number | null {
  if (!DATE.test(text)) return null;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  // JavaScript takes 30 February for 2 March; the date has to come back as it went in.
  return day >= FIRST_DAY && day <= LAST_DAY && formatDate(day) === text ? day : null;
}

/** `2023-01-22` of days since 1970-01-01. */
export function formatDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
