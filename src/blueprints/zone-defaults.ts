import type { Anchor, ZoneKind } from './mapping-content.js';

/** What a zone of a kind is like where nobody says otherwise. */
interface ZoneDefaults {
  readonly anchor: Anchor;
  readonly minPresenceMs: number;
  readonly exitGraceMs: number;
  readonly openEvidence: boolean;
}

const USUAL: ZoneDefaults = {
  anchor: 'bottom_center',
  minPresenceMs: 1_000,
  exitGraceMs: 2_000,
  openEvidence: true,
};

/**
 * People outside say nothing of whether the store is open, and neither do staff in their own rooms: they clean and
 * stock a closed store too. A kitchen is worked in for customers.
 */
export const ZONE_DEFAULTS: Readonly<Record<ZoneKind, ZoneDefaults>> = {
  entrance: USUAL,
  queue: USUAL,
  checkout: USUAL,
  aisle: USUAL,
  shelf: USUAL,
  seating: USUAL,
  kitchen: USUAL,
  staff_only: { ...USUAL, openEvidence: false },
  exterior: { ...USUAL, openEvidence: false },
  custom: USUAL,
};
