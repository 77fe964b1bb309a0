import { canonicalZone } from '../../availability/index.js';
import { TimestampParser } from './timestamp.js';

// What a bad value was probably meant to be: a value that would be taken, or null. Only where it can hardly have
// been meant otherwise; a wrong guess that somebody accepts is worse than none.

/** Nothing that is longer is a slip of something short. */
const MAX_LENGTH = 64;

const STATUS_WORDS: ReadonlyMap<string, string> = new Map([
  ['up', 'active'],
  ['open', 'active'],
  ['online', 'active'],
  ['down', 'inactive'],
  ['closed', 'inactive'],
  ['offline', 'inactive'],
]);

/** `active` or `inactive` for a word that says the same, or that is one slip away from exactly one of them. */
export function suggestStatus(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  const folded = text.toLowerCase();
  const near = ['active', 'inactive'].filter((word) => distance(folded, word, 1) <= 1);
  return STATUS_WORDS.get(folded) ?? (near.length === 1 ? (near[0] ?? null) : null);
}

/** The instant with what is usual elsewhere put right: slashes or dots in the date, a comma before the fraction, no zone. */
export function suggestInstant(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  const mended = text
    .replace(/^(\d{4})([/.])(\d\d)\2(\d\d)(?=[ T])/, '$1-$3-$4')
    .replace(/(:\d\d),(\d{1,6})(?!\d)/, '$1.$2')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
    .replace(/ ?(?:utc|gmt|z)$/i, ' UTC');
  const parser = new TimestampParser();
  const found = [mended, `${mended} UTC`].find((one) => !Number.isNaN(parser.parse(one)));
  return found === undefined || found === text ? null : found;
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** `0` (Monday) to `6` for the English name of a day, in full or its first letters, and for `0.0` or `00`. */
export function suggestWeekday(text: string): string | null {
  const digit = /^0?([0-6])(?:\.0{1,6})?$/.exec(text)?.[1];
  if (digit !== undefined) return digit;
  const folded = text.toLowerCase().replace(/\.$/, '');
  if (folded.length < 3) return null;
  const day = WEEKDAYS.findIndex((name) => name.startsWith(folded));
  return day < 0 ? null : String(day);
}

/** `hh:mm:ss` for a time of day with AM or PM behind, or with dots for colons. */
export function suggestTime(text: string): string | null {
  const [, hours, minutes = '00', seconds = '00', half] =
    /^(\d{1,2})(?:[:.](\d\d))?(?:[:.](\d\d))?(?:\.0{1,6})? ?([ap]\.?m\.?)?$/i.exec(text) ?? [];
  const hour = Number(hours);
  if (Number(minutes) > 59 || Number(seconds) > 59) return null;
  if (half === undefined) return /[:.]/.test(text) && hour < 24 ? time(hour, minutes, seconds) : null;
  if (!(hour >= 1 && hour <= 12)) return null;
  return time((hour % 12) + (/^p/i.test(half) ? 12 : 0), minutes, seconds);
}

function time(hour: number, minutes: string, seconds: string): string {
  return `${String(hour).padStart(2, '0')}:${minutes}:${seconds}`;
}

/** A file says the same wrong name in thousands of rows, and looking for its neighbours takes a while. */
const suggestedZones = new Map<string, string | null>();
const MAX_REMEMBERED = 1000;

/** The zone with its spaces as underscores, that of the city, or the only one that is a letter or two away. */
export function suggestZone(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  const known = suggestedZones.get(text);
  if (known !== undefined) return known;
  const zone = findZone(text);
  // A copy that stands alone: a piece of a block of the file would keep the whole block in memory.
  if (suggestedZones.size < MAX_REMEMBERED) suggestedZones.set(Buffer.from(text).toString(), zone);
  return zone;
}

function findZone(text: string): string | null {
  const folded = text
    .toLowerCase()
    .replace(/\s*\/\s*/g, '/')
    .replace(/[\s-]+/g, '_');
  const mended = canonicalZone(folded);
  if (mended !== null) return mended;
  if (!/^[a-z_/]{4,}$/.test(folded)) return null;
  const names = zoneNames();
  const ofCity = names.filter(({ city }) => city === folded);
  if (ofCity.length > 0) return ofCity.length === 1 ? (ofCity[0]?.zone ?? null) : null;
  if (!folded.includes('/')) return null;
  let best: string | null = null;
  let least = Math.min(2, Math.floor(folded.length / 6));
  for (const { name, zone } of names) {
    const far = distance(folded, name, least);
    if (far > least) continue;
    best = far < least || best === null || best === zone ? zone : '';
    least = far;
  }
  return best === '' ? null : best;
}

interface ZoneName {
  /** In lower case. */
  name: string;
  city: string;
  zone: string;
}

let zones: ZoneName[] | null = null;

function zoneNames(): readonly ZoneName[] {
  zones ??= Intl.supportedValuesOf('timeZone')
    .filter((name) => name.includes('/'))
    .map((name) => {
      const zone = canonicalZone(name) ?? name;
      const folded = zone.toLowerCase();
      return { name: folded, city: folded.slice(folded.lastIndexOf('/') + 1), zone };
    });
  return zones;
}

/** Letters too many, too few, wrong, or swapped with their neighbour between two texts; anything above `most` as `most + 1`. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let at = 1; at <= other.length; at++) {
      const isSame = one[row - 1] === other[at - 1];
      let far = Math.min(last[at]! + 1, next[at - 1]! + 1, last[at - 1]! + (isSame ? 0 : 1));
      if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1])
        far = Math.min(far, before[at - 2]! + 1);
      next.push(far);
    }
    if (Math.min(...next) > most) return most + 1;
    before = last;
    last = next;
  }
  return Math.min(last[other.length]!, most + 1);
}
