/** The whole number that says which version or revision is meant; null where it can be none. */
export function counterIn(named: number | string): number | null {
  if (typeof named === 'number') return named;
  return /^\d{1,15}$/.test(named) ? Number(named) : null;
}

/** One that is not there, as the rest of a sentence that says so. @param what `version`, `revision` @param last the greatest */
export function wrongCounter(named: number | string, what: string, last: number): string {
  return counterIn(named) === null
    ? `'${String(named).slice(0, 100)}': a ${what} is a whole number, here from 1 to ${last}`
    : `${named}; it has 1 to ${last}`;
}
