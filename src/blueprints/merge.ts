import { isDeepStrictEqual } from 'node:util';
import type { MappingContent } from './mapping-content.js';

/** The lists of a layout, and what nobody here knows. */
export const PART_KINDS = ['zones', 'lines', 'cameras', 'data'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** What both sides changed, and not alike. A value that is missing is undefined. */
export interface Clash {
  readonly kind: PartKind;
  /** Of the zone, line or camera; of `data` the name of the member. */
  readonly key: string;
  /** `from, to`: the ends of a line. Null: the whole of it, which one side removed and the other changed. */
  readonly member: string | null;
  readonly base: unknown;
  readonly ours: unknown;
  readonly theirs: unknown;
}

export interface Merged {
  /** With clashes settled for the side preferred. */
  readonly content: MappingContent;
  readonly clashes: readonly Clash[];
}

type Side = 'ours' | 'theirs';
/** JSON values by name, in an order of their own. */
type Named = ReadonlyMap<string, unknown>;

/**
 * Puts two changes of one layout together: per zone, line and camera, and within them per member. What one side alone
 * changed is taken from it; what both changed alike is taken once; the rest clashes.
 *
 * @param base what both were made of
 * @param ours what holds, with what was changed by hand
 * @param theirs what comes in
 * @param preferred whose value is taken where they clash
 */
export function mergeContent(
  base: MappingContent,
  ours: MappingContent,
  theirs: MappingContent,
  preferred: Side,
): Merged {
  const clashes: Clash[] = [];
  const merged = (kind: PartKind): Map<string, unknown> => {
    const merge = new PartMerge(kind, preferred, clashes);
    return merge.all(partsOf(base, kind), partsOf(ours, kind), partsOf(theirs, kind));
  };
  const content = {
    zones: [...merged('zones').values()],
    lines: [...merged('lines').values()],
    cameras: [...merged('cameras').values()],
    data: Object.fromEntries(merged('data')),
  } as unknown as MappingContent;
  return { content, clashes };
}

export function partsOf(content: MappingContent, kind: PartKind): Named {
  return kind === 'data'
    ? new Map(Object.entries(content.data))
    : new Map(content[kind].map((part) => [part.key, part]));
}

class PartMerge {
  constructor(
    private readonly kind: PartKind,
    private readonly preferred: Side,
    private readonly clashes: Clash[],
  ) {}

  all(base: Named, ours: Named, theirs: Named): Map<string, unknown> {
    const merged = new Map<string, unknown>();
    for (const key of inOrder(base, ours, theirs)) {
      const value = this.one(key, base.get(key), ours.get(key), theirs.get(key));
      if (value !== undefined) merged.set(key, value);
    }
    return merged;
  }

  private one(key: string, base: unknown, ours: unknown, theirs: unknown): unknown {
    const settled = unlessBoth(base, ours, theirs);
    if (settled !== null) return settled.value;
    if (this.kind !== 'data' && ours !== undefined && theirs !== undefined)
      return this.members(key, base, ours, theirs);
    return this.clash({ kind: this.kind, key, member: null, base, ours, theirs });
  }

  private members(key: string, ...sides: [base: unknown, ours: unknown, theirs: unknown]): unknown {
    const [base, ours, theirs] = sides.map(membersOf) as [Named, Named, Named];
    const merged = inOrder(base, ours, theirs).flatMap((member): [string, unknown][] => {
      const values = { base: base.get(member), ours: ours.get(member), theirs: theirs.get(member) };
      const settled = unlessBoth(values.base, values.ours, values.theirs);
      const value =
        settled === null ? this.clash({ kind: this.kind, key, member, ...values }) : settled.value;
      return value === undefined ? [] : [[member, value]];
    });
    const { [ENDS]: ends, ...others } = Object.fromEntries(merged);
    return { ...others, ...(ends as object | undefined) };
  }

  private clash(clash: Clash): unknown {
    this.clashes.push(clash);
    return clash[this.preferred];
  }
}

/** Both ends of a line: one of each side would make a line that nobody drew. */
const ENDS = 'from, to';

function membersOf(part: unknown): Named {
  const { from, to, ...others } = (part ?? {}) as Record<string, unknown>;
  const members = new Map(Object.entries(others));
  return from === undefined ? members : members.set(ENDS, { from, to });
}

/** The value on which two changes agree, since one side left it alone or both did the same; null where they do not. */
function unlessBoth(base: unknown, ours: unknown, theirs: unknown): { value: unknown } | null {
  if (isDeepStrictEqual(ours, theirs) || isDeepStrictEqual(base, theirs)) return { value: ours };
  return isDeepStrictEqual(base, ours) ? { value: theirs } : null;
}

/** All names: in our order, unless theirs is what changed. */
function inOrder(base: Named, ours: Named, theirs: Named): string[] {
  const asBefore = isDeepStrictEqual([...base.keys()], [...theirs.keys()]);
  return [...new Set(asBefore ? [...ours.keys(), ...theirs.keys()] : [...theirs.keys(), ...ours.keys()])];
}
