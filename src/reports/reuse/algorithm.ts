/** Counts up whenever the same facts would give other figures: no report is answered from one of another version. */
export const ALGORITHM = { name: 'storewatch-availability', version: 1 };

/** Version of the time zone rules of this process. */
export const TZDATA = process.versions.tz ?? 'unknown';
