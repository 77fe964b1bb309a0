import type pg from 'pg';
import { Problem } from '../../platform/problem.js';
import { EMPTY_CONTENT } from '../content/content.parser.js';
import { contentHash } from '../content/content-hash.js';
import { MOST_CORNERS, MOST_PARTS } from '../content/members.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import type { KeptRevision } from '../mapping/mapping.reader.js';
import { addRevisions, type NewRevision, noteApplied } from '../mapping/mapping.writer.js';
import { holdsAt, startOfRevision } from '../mapping/revision-start.js';
import type { TargetStore } from '../mapping/target-stores.reader.js';
import type { MappingContent } from '../mapping-content.js';
import { type Clash, mergeContent } from '../merge.js';
import { type MergeSummary, summarize } from '../merge-summary.js';
import type { ApplyOptions } from './apply-options.js';
import { presentClash } from './conflict.view.js';

/** What an apply comes to for one store. */
export interface Applied {
  readonly store: TargetStore;
  readonly changed: boolean;
  /** The revision that says it, or would. */
  readonly revision: number;
  readonly effectiveFromUs: number;
  /** The layout that it comes to. */
  readonly content: MappingContent;
  readonly hash: string;
  readonly summary: MergeSummary;
  /** What both sides had changed, and `on_conflict` has settled. */
  readonly clashes: readonly Clash[];
}

interface Outcome {
  content: MappingContent;
  hash: string;
  clashes: readonly Clash[];
  summary: MergeSummary;
}

/** One version on its way to stores of one transaction. Stores whose mappings are alike are worked out once. */
export class ApplyRun {
  private readonly outcomes = new Map<string, Outcome>();
  private readonly added: NewRevision[] = [];
  private readonly found: KeptRevision[] = [];

  constructor(
    private readonly version: KeptVersion,
    private readonly bases: ReadonlyMap<string, KeptVersion>,
    private readonly options: ApplyOptions,
    private readonly nowUs: number,
  ) {}

  /** @param last the greatest number that a revision of the store has. @throws Problem 409 */
  plan(store: TargetStore, head: KeptRevision | null, last: number): Applied {
    const wantedUs = this.wantedFor(head);
    const { content, hash, clashes, summary } = this.outcome(head);
    if (clashes.length > 0 && this.options.onConflict === 'fail') throw clashProblem(store, clashes);
    if (hash === head?.hash && holdsAt(head, wantedUs, this.nowUs)) {
      if (head.blueprint?.id !== this.version.id || head.blueprint.version !== this.version.version)
        this.found.push(head);
      return {
        store,
        changed: false,
        revision: head.revision,
        effectiveFromUs: head.effectiveFromUs,
        content,
        hash,
        summary,
        clashes,
      };
    }
    const effectiveFromUs = startOfRevision(store, head, wantedUs, this.nowUs);
    const revision = last + 1;
    const { id, version } = this.version;
    const origin = { action: 'apply', blueprint: { id, version }, rolledBackTo: null } as const;
    this.added.push({ storeKey: store.key, revision, effectiveFromUs, content, hash, ...origin });
    return { store, changed: true, revision, effectiveFromUs, content, hash, summary, clashes };
  }

  async write(client: pg.PoolClient): Promise<void> {
    await addRevisions(client, this.added, this.nowUs);
    await noteApplied(client, this.found, this.version);
  }

  /**
   * From when on a store is to have it; null: from now on. An instant that lay ahead when it was asked for, and has
   * passed by the store's turn, is as good as now: by no fault of the caller, and none of the past is told anew. A store
   * that has no mapping yet gets it from that very instant.
   */
  private wantedFor(head: KeptRevision | null): number | null {
    const { effectiveFromUs: wantedUs, askedUs } = this.options;
    const hasPassed = wantedUs !== null && wantedUs >= askedUs && wantedUs < this.nowUs;
    return hasPassed && head !== null ? null : wantedUs;
  }

  private outcome(head: KeptRevision | null): Outcome {
    const last = head?.blueprint ?? null;
    const base = last === null ? null : (this.bases.get(nameOfVersion(last)) ?? null);
    const name = `${head?.hash ?? ''} ${base?.hash ?? ''}`;
    const known = this.outcomes.get(name);
    if (known !== undefined) return known;
    const outcome = this.workOut(head?.content ?? EMPTY_CONTENT, base?.content ?? EMPTY_CONTENT);
    this.outcomes.set(name, outcome);
    return outcome;
  }

  private workOut(ours: MappingContent, base: MappingContent): Outcome {
    const { mode, onConflict } = this.options;
    const { content, clashes } =
      mode === 'replace'
        ? { content: this.version.content, clashes: [] }
        : mergeContent(base, ours, this.version.content, onConflict === 'ours' ? 'ours' : 'theirs');
    for (const kind of ['zones', 'lines', 'cameras'] as const)
      if (content[kind].length > MOST_PARTS)
        throw new Problem(
          409,
          'too_many_parts',
          `Together with those of the mapping it would have ${content[kind].length} ${kind}; at most ${MOST_PARTS} are taken. Remove some, or apply with "mode": "replace".`,
        );
    const corners = content.zones.reduce((sum, { polygon }) => sum + polygon.length, 0);
    if (corners > MOST_CORNERS)
      throw new Problem(
        409,
        'too_many_corners',
        `Together with those of the mapping its zones would have ${corners} corners; at most ${MOST_CORNERS} are taken. Remove some, or apply with "mode": "replace".`,
      );
    return { content, hash: contentHash(content), clashes, summary: summarize(ours, content) };
  }
}

/** By which versions are told apart. */
export function nameOfVersion({ id, version }: { id: string; version: number }): string {
  return `${id} ${version}`;
}

function clashProblem(store: TargetStore, clashes: readonly Clash[]): Problem {
  const parts = [...new Set(clashes.map(({ kind, key }) => `${key} (${kind})`))];
  const told = parts.slice(0, 5).join(', ') + (parts.length > 5 ? ` and ${parts.length - 5} more` : '');
  return new Problem(
    409,
    'mapping_conflict',
    `The mapping of the store '${store.id}' was changed where the blueprint was changed too: ${told}. Nothing was changed. \`conflicts\` lists both sides; apply with "on_conflict": "theirs" to take the blueprint's, or "ours" to keep the store's.`,
    [],
    { conflicts: clashes.map(presentClash) },
  );
}
