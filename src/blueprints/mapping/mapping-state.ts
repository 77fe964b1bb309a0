import { formatInstantUs } from '../../platform/instant.js';
import { entityTag } from '../../platform/http/entity-tag.js';
import { Problem } from '../../platform/problem.js';
import type { Tagged } from '../../stores/stores.service.js';
import { wrongCounter } from '../counters.js';
import type { KeptRevision } from './mapping.reader.js';
import { type MappingView, presentMapping } from './mapping.view.js';
import type { TargetStore } from './target-stores.reader.js';

/** What holds for a store, what is planned, and how far its revisions are counted. */
export interface MappingState {
  readonly store: TargetStore;
  readonly nowUs: number;
  /** What holds now. */
  readonly now: KeptRevision | null;
  /** The last revision that was not withdrawn, which may hold only later. */
  readonly head: KeptRevision | null;
  /** The greatest number that a revision has, 0 where there is none: withdrawn ones keep theirs. */
  readonly last: number;
}

/** The tag of a store's mapping, which every revision changes. */
export function tagOfMapping(
  store: TargetStore,
  head: Pick<KeptRevision, 'revision' | 'hash'> | null,
  shown: unknown = null,
): string {
  return entityTag([store.key, head?.revision ?? 0, head?.hash ?? null], shown);
}

/** The mapping as it is shown, with its tag. */
export function tagged({ store, now, head }: MappingState): Tagged<MappingView> {
  const view = presentMapping(store, now, head);
  return { view, etag: tagOfMapping(store, head, view) };
}

/** Refuses to withdraw a revision. @throws Problem 409 where it holds or held already, or one behind it is planned. */
export function refuseWithdrawal({ head, nowUs }: MappingState, target: KeptRevision): void {
  const { revision, effectiveFromUs } = target;
  if (effectiveFromUs <= nowUs)
    throw new Problem(
      409,
      'revision_in_force',
      `Revision ${revision} is effective since ${formatInstantUs(effectiveFromUs)}; only one that is planned can be withdrawn. To take up an earlier one again, POST …/mapping/rollback.`,
    );
  if (head !== null && head.revision !== revision)
    throw new Problem(
      409,
      'later_revision_planned',
      `Revision ${head.revision} is planned behind revision ${revision}, from ${formatInstantUs(head.effectiveFromUs)} on. Withdraw that one first.`,
    );
}

export function noSuchRevision({ store, last }: MappingState, revision: number | string): Problem {
  return new Problem(
    404,
    'revision_not_found',
    last === 0
      ? `The store '${store.id}' has no mapping yet.`
      : `The mapping of the store '${store.id}' has no revision ${wrongCounter(revision, 'revision', last)}.`,
  );
}
