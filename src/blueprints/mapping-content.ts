/** Shares of the plan's width and height, from its upper left corner. */
export type PlanPoint = readonly [number, number];

export const ZONE_KINDS = [
  'entrance',
  'queue',
  'checkout',
  'aisle',
  'shelf',
  'seating',
  'kitchen',
  'staff_only',
  'exterior',
  'custom',
] as const;
export type ZoneKind = (typeof ZONE_KINDS)[number];

/** The point of a person's box that stands for the person. */
export const ANCHORS = ['bottom_center', 'center', 'top_center'] as const;
export type Anchor = (typeof ANCHORS)[number];

/** A part of the floor. Its key is its identity: a zone of another key is another zone. */
export interface Zone {
  readonly key: string;
  readonly name: string;
  readonly kind: ZoneKind;
  /** Its corners, without the first one repeated; a point on an edge is inside. */
  readonly polygon: readonly PlanPoint[];
  readonly anchor: Anchor;
  /** A visit counts when the person has been inside for so long. */
  readonly minPresenceMs: number;
  /** A visit ends when the person has been outside for longer. */
  readonly exitGraceMs: number;
  readonly capacity: number | null;
  /** Whether people in it are a sign that the store is open. */
  readonly openEvidence: boolean;
  readonly enabled: boolean;
  /** Members that we do not know, as they were given; missing: none. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A line that people cross: into the store (or a part of it) from its right to its left, seen from `from` to `to`. */
export interface Line {
  readonly key: string;
  readonly name: string;
  readonly from: PlanPoint;
  readonly to: PlanPoint;
  readonly anchor: Anchor;
  readonly enabled: boolean;
  /** Members that we do not know, as they were given; missing: none. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Points of a camera's image and where they lie on the plan; at least four pairs, no three of them on a line. */
export interface Calibration {
  /** Pixels of `frame`. */
  readonly image: readonly (readonly [number, number])[];
  readonly plan: readonly PlanPoint[];
}

/** A camera of the store. Without calibration its image is taken for the plan. */
export interface Camera {
  readonly key: string;
  readonly name: string;
  /** The size of its image in pixels, for events that do not say theirs. */
  readonly frame: { readonly w: number; readonly h: number } | null;
  readonly calibration: Calibration | null;
  readonly enabled: boolean;
  /** Members that we do not know, as they were given; missing: none. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A layout: what a blueprint keeps, and what holds for a store. */
export interface MappingContent {
  readonly zones: readonly Zone[];
  readonly lines: readonly Line[];
  readonly cameras: readonly Camera[];
  /** Members that we do not know, as they were given. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What holds for a store from an instant on, until the next revision does. */
export interface MappingRevision {
  readonly storeKey: number;
  /** Counted from 1. */
  readonly revision: number;
  /** Microseconds since 1970. */
  readonly effectiveFromUs: number;
  readonly content: MappingContent;
}
