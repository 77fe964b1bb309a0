const REPLACEMENT = '\ufffd';

/**
 * Leads from the U+FFFD of a text back to the bytes of the file that were no character. Costs nothing while there
 * are none.
 */
export class DamagedBytes {
  /** @param offsets one for each U+FFFD of the text that is not done with, in order. */
  constructor(private readonly offsets: number[]) {}

  /** Takes the offsets of a text that is done with. */
  take(text: string): readonly number[] {
    return this.offsets.length === 0 ? this.offsets : this.offsets.splice(0, countDamage(text));
  }
}

/**
 * The offset of the first damaged byte of each record, or of one behind it.
 *
 * @param offsets those of all records, and of what lies between them.
 * @param textBetween the text from the start of one record to the start of another; -1 is the start of everything.
 *   Records are best asked for in order.
 */
export function damageFinder(
  offsets: readonly number[],
  textBetween: (from: number, to: number) => string,
): (index: number) => number | null {
  if (offsets.length === 0) return () => null;
  let seen = -1;
  let passed = 0;
  return (index) => {
    if (index < seen) {
      seen = -1;
      passed = 0;
    }
    passed += countDamage(textBetween(seen, index));
    seen = index;
    return offsets[passed] ?? null;
  };
}

function countDamage(text: string): number {
  let found = 0;
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) found++;
  return found;
}
