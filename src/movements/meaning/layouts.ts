import {
  type Anchor,
  contains,
  type Line,
  type Locate,
  locator,
  type MappingRevision,
  type PlanPoint,
  type Zone,
} from '../../blueprints/index.js';

/** A zone, made ready to be asked about many points. */
export interface ReadyZone {
  readonly zone: Zone;
  readonly holds: (point: PlanPoint) => boolean;
}

/** What holds on the floor from an instant on until another. */
export interface Layout {
  /** 0: there is none, so nobody is in a zone and no box has a place. */
  readonly revision: number;
  readonly fromUs: number;
  readonly untilUs: number;
  /** Those that are enabled. */
  readonly zones: readonly ReadyZone[];
  readonly lines: readonly Line[];
  readonly locate: Locate;
}

/** The layouts of a store over time, without gaps and without end. */
export class Layouts {
  private readonly layouts: readonly Layout[];

  /** @param revisions in any order; of several with one instant the last one holds */
  constructor(revisions: readonly MappingRevision[]) {
    const ordered = [...revisions].sort(
      (one, other) => one.effectiveFromUs - other.effectiveFromUs || one.revision - other.revision,
    );
    const holding = ordered.filter(
      (revision, index) => ordered[index + 1]?.effectiveFromUs !== revision.effectiveFromUs,
    );
    const before = bareFloor(holding[0]?.effectiveFromUs ?? Infinity);
    this.layouts = [
      before,
      ...holding.map((revision, index) =>
        layoutOf(revision, holding[index + 1]?.effectiveFromUs ?? Infinity),
      ),
    ];
  }

  /** What is in force at an instant (M3). */
  at(instantUs: number): Layout {
    let low = 0;
    let high = this.layouts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.layouts[middle]!.fromUs <= instantUs) low = middle;
      else high = middle - 1;
    }
    return this.layouts[low]!;
  }
}

function bareFloor(untilUs: number): Layout {
  return { revision: 0, fromUs: -Infinity, untilUs, zones: [], lines: [], locate: () => null };
}

function layoutOf({ revision, effectiveFromUs, content }: MappingRevision, untilUs: number): Layout {
  return {
    revision,
    fromUs: effectiveFromUs,
    untilUs,
    zones: content.zones.filter(({ enabled }) => enabled).map(ready),
    lines: content.lines.filter(({ enabled }) => enabled),
    locate: locator(content.cameras),
  };
}

/** Most people are in none of most zones: their bounds tell that sooner than their edges. */
function ready(zone: Zone): ReadyZone {
  const xs = zone.polygon.map(([x]) => x);
  const ys = zone.polygon.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return {
    zone,
    holds: (point) =>
      point[0] >= left &&
      point[0] <= right &&
      point[1] >= top &&
      point[1] <= bottom &&
      contains(zone.polygon, point),
  };
}

/** The places of some boxes by each anchor, worked out when first asked for: most layouts use one anchor. */
export class Places {
  private readonly byAnchor = new Map<Anchor, readonly (PlanPoint | null)[]>();

  constructor(private readonly find: (anchor: Anchor) => readonly (PlanPoint | null)[]) {}

  by(anchor: Anchor): readonly (PlanPoint | null)[] {
    const known = this.byAnchor.get(anchor) ?? this.find(anchor);
    this.byAnchor.set(anchor, known);
    return known;
  }
}
