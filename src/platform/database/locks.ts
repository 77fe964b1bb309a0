/**
 * Numbers of the advisory locks, all in one place: two kinds of work that had the same one would wait for each other
 * for no reason. Any number would do, but it has to stay: while a new version is rolled out, those who ask for the old
 * number and those who ask for the new one would not wait for each other.
 *
 * Numbers with a key behind them, `(number, key)`, are of another kind and never the same as one without.
 */

/** Whoever migrates. */
export const MIGRATION_LOCK = 7_331_001;
/** Whoever writes facts, and shared, whoever keeps those away. */
export const FACT_LOCK = 7_331_002;
/** Whoever gives an import its place in the order. */
export const ACCEPTANCE_LOCK = 7_331_005;
/** With the key of a store: whoever changes its mapping. */
export const MAPPING_LOCK = 7_331_018;
/** Whoever makes or drops partitions of movement events. */
export const MOVEMENT_PARTITIONS_LOCK = 7_331_171;
/** Shared, whoever stores movement events; alone, whoever changes what is stored already. */
export const MOVEMENT_LOCK = 7_331_172;
/** Whoever gives the events of a name to its store. */
export const LINKING_LOCK = 7_331_173;
/** Shared, whoever works out figures of floors; alone, whoever keeps everybody from it. */
export const FIGURES_LOCK = 7_331_191;
/** With the key of a store: whoever works out its figures. */
export const FLOOR_LOCK = 7_331_192;
