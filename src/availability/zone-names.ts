/**
 * IANA's names without a slash. Intl also takes ICU's own three letters, where IST is India (not Israel, not
 * Ireland) and ACT is Darwin: a store would silently get the clock of another continent.
 */
const NAMES_WITHOUT_SLASH = new Set(
  (
    'cet cst6cdt cuba eet egypt eire est est5edt gb gb-eire gmt gmt+0 gmt-0 gmt0 greenwich hongkong hst iceland ' +
    'iran israel jamaica japan kwajalein libya met mst mst7mdt navajo nz nz-chat poland portugal prc pst8pdt roc ' +
    'rok singapore turkey uct universal utc w-su wet zulu'
  ).split(' '),
);

/** Where ICU keeps a name that IANA has replaced, the present one: the answer is then the same on every Node. */
const RENAMED = new Map([
  ['Africa/Asmera', 'Africa/Asmara'],
  ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ['America/Catamarca', 'America/Argentina/Catamarca'],
  ['America/Coral_Harbour', 'America/Atikokan'],
  ['America/Cordoba', 'America/Argentina/Cordoba'],
  ['America/Godthab', 'America/Nuuk'],
  ['America/Indianapolis', 'America/Indiana/Indianapolis'],
  ['America/Jujuy', 'America/Argentina/Jujuy'],
  ['America/Louisville', 'America/Kentucky/Louisville'],
  ['America/Mendoza', 'America/Argentina/Mendoza'],
  ['Asia/Calcutta', 'Asia/Kolkata'],
  ['Asia/Katmandu', 'Asia/Kathmandu'],
  ['Asia/Rangoon', 'Asia/Yangon'],
  ['Asia/Saigon', 'Asia/Ho_Chi_Minh'],
  ['Atlantic/Faeroe', 'Atlantic/Faroe'],
  ['Europe/Kiev', 'Europe/Kyiv'],
  ['Pacific/Enderbury', 'Pacific/Kanton'],
  ['Pacific/Ponape', 'Pacific/Pohnpei'],
  ['Pacific/Truk', 'Pacific/Chuuk'],
]);

/** Only names that were found, by their lower-case spelling: so nobody's wrong names can fill the memory. */
const known = new Map<string, string>();

/**
 * The present IANA name for any spelling or alias of it ('us/central' is 'America/Chicago'), null for anything else.
 * Offsets ('+05:00') and POSIX rules ('EST5', 'FOO+5') are not names of zones.
 */
export function canonicalZone(name: string): string | null {
  const key = name.trim().toLowerCase();
  const found = known.get(key);
  if (found !== undefined) return found;
  if (!isIanaSpelling(key)) return null;
  const canonical = resolve(key);
  if (canonical !== null) known.set(key, canonical);
  return canonical;
}

/** Whether `canonicalZone` knows the name. */
export function isZone(name: string): boolean {
  return canonicalZone(name) !== null;
}

function isIanaSpelling(key: string): boolean {
  return key.includes('/') ? /^[a-z]/.test(key) && !key.startsWith('systemv/') : NAMES_WITHOUT_SLASH.has(key);
}

function resolve(key: string): string | null {
  try {
    const name = new Intl.DateTimeFormat('en-US', { timeZone: key }).resolvedOptions().timeZone;
    return RENAMED.get(name) ?? name;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
