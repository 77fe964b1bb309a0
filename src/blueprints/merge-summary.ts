import { isDeepStrictEqual } from 'node:util';
import type { MappingContent } from './mapping-content.js';
import { PART_KINDS, type PartKind, partsOf } from './merge.js';

/** Keys of zones, lines, cameras, and members of `data`. */
export type PartKeys = Readonly<Record<PartKind, readonly string[]>>;

/** What becomes of the parts of a layout when another takes its place. */
export interface MergeSummary {
  readonly added: PartKeys;
  readonly updated: PartKeys;
  readonly removed: PartKeys;
  readonly kept: PartKeys;
}

export function summarize(before: MappingContent, after: MappingContent): MergeSummary {
  const pick = (which: (old: unknown, now: unknown) => boolean): PartKeys =>
    Object.fromEntries(
      PART_KINDS.map((kind) => {
        const [old, now] = [partsOf(before, kind), partsOf(after, kind)];
        const keys = [...new Set([...now.keys(), ...old.keys()])];
        return [kind, keys.filter((key) => which(old.get(key), now.get(key)))];
      }),
    ) as unknown as PartKeys;
  return {
    added: pick((old) => old === undefined),
    updated: pick((old, now) => old !== undefined && now !== undefined && !isDeepStrictEqual(old, now)),
    removed: pick((_, now) => now === undefined),
    kept: pick((old, now) => isDeepStrictEqual(old, now)),
  };
}
