export const DAY_US = 86_400_000_000;
const RFC_3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** From 2112 on a poll's code, twice the microseconds, is no exact number any more. */
const END_OF_TIME_US = Date.UTC(2112, 0, 1) * 1000;

/**
 * Reads an RFC 3339 instant with up to six fraction digits, from 1970 up to 2112.
 *
 * @returns microseconds since 1970, or null when the text is none: no zone, an impossible date, more digits.
 */
export function parseInstantUs(text: string): number | null {
  const instantUs = parseAnyInstantUs(text);
  return instantUs === null || instantUs < 0 || instantUs >= END_OF_TIME_US ? null : instantUs;
}

/**
 * As `parseInstantUs`, of any year: for telling how far off an instant lies that is not taken. From 2255 on it is not
 * exact to the microsecond.
 */
export function parseAnyInstantUs(text: string): number | null {
  const [, date, time, fraction = '', zone] = RFC_3339.exec(text.trim()) ?? [];
  if (date === undefined) return null;
  const ms = Date.parse(`${date}T${time}${zone?.toUpperCase()}`);
  // JavaScript takes 30 February for 2 March; the date has to come back as it went in.
  const dateMs = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(ms) || Number.isNaN(dateMs) || new Date(dateMs).toISOString().slice(0, 10) !== date)
    return null;
  return ms * 1000 + Number(fraction.padEnd(6, '0'));
}

/** RFC 3339 in UTC with all six fraction digits. */
export function formatInstantUs(instantUs: number): string {
  const ms = Math.floor(instantUs / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(instantUs - ms * 1000).padStart(3, '0')}Z`;
}

/** The date in UTC, such as `2023-01-22`. */
export function dateOfInstant(instantUs: number): string {
  return new Date(Math.floor(instantUs / 1000)).toISOString().slice(0, 10);
}
