import type { Policy } from '../../availability/index.js';
import { Problem, type ProblemEntry } from '../../platform/problem.js';
import type { LabSet } from './lab.entity.js';

/** A set of options as it was asked for. */
export type AskedSet = { readonly [member in keyof LabSet]?: LabSet[member] | null | undefined };

/**
 * The sets that were asked for, with what was left out set by default.
 *
 * @throws Problem 400, naming every set that comes to the same options as one before it, or has its name.
 */
export function completeSets(asked: readonly AskedSet[], defaults: Policy): LabSet[] {
  const sets = asked.map((set) => completed(set, defaults));
  const errors = sets.flatMap((set, place) => [
    ...sameOptions(sets, set, place),
    ...sameName(sets, set, place),
  ]);
  if (errors.length > 0)
    throw new Problem(400, 'invalid', errors.map(({ detail }) => detail).join(' '), errors);
  return sets;
}

function completed(asked: AskedSet, defaults: Policy): LabSet {
  const windows = asked.windows ?? defaults.windows;
  const unobserved = asked.unobserved ?? defaults.unobserved;
  const estimator = asked.estimator ?? defaults.estimator;
  return { name: asked.name ?? `${windows}, ${unobserved}, ${estimator}`, windows, unobserved, estimator };
}

function sameOptions(sets: readonly LabSet[], set: LabSet, place: number): ProblemEntry[] {
  const earlier = sets.findIndex(
    ({ windows, unobserved, estimator }) =>
      windows === set.windows && unobserved === set.unobserved && estimator === set.estimator,
  );
  if (earlier === place) return [];
  const options = `${set.windows}, ${set.unobserved}, ${set.estimator}`;
  return [
    {
      pointer: `/sets/${place}`,
      code: 'same_options',
      detail: `sets/${place} comes to the same options as sets/${earlier} (${options}): every set has to differ from the others.`,
    },
  ];
}

function sameName(sets: readonly LabSet[], { name }: LabSet, place: number): ProblemEntry[] {
  const earlier = sets.findIndex((other) => other.name === name);
  if (earlier === place) return [];
  return [
    {
      pointer: `/sets/${place}/name`,
      code: 'same_name',
      detail: `sets/${place} has the name of sets/${earlier} ('${name}'): every set needs a name of its own.`,
    },
  ];
}
