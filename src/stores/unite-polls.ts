/** Two lists of polls made one. */
export interface UnitedPolls {
  /** Codes sorted, one for each instant; where both lists know an instant, the later list's. */
  polls: Float64Array;
  /** How many polls stand in both lists, instant and status alike. */
  equal: number;
}

/** Unites two sorted lists of poll codes, each with one for each instant; the later list wins. */
export function unitePolls(earlier: Float64Array, later: Float64Array): UnitedPolls {
  const united = new Float64Array(earlier.length + later.length);
  let count = 0;
  let equal = 0;
  let e = 0;
  let l = 0;
  while (e < earlier.length && l < later.length) {
    const difference = Math.floor(earlier[e]! / 2) - Math.floor(later[l]! / 2);
    if (difference === 0) {
      if (earlier[e] === later[l]) equal++;
      e++;
    }
    united[count++] = difference < 0 ? earlier[e++]! : later[l++]!;
  }
  while (e < earlier.length) united[count++] = earlier[e++]!;
  while (l < later.length) united[count++] = later[l++]!;
  return { polls: united.subarray(0, count), equal };
}
