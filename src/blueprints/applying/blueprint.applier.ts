import { setImmediate as giveBackEventLoop } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Clock } from '../../platform/clock.js';
import { Problem } from '../../platform/problem.js';
import { EMPTY_CONTENT } from '../content/content.parser.js';
import { contentHash } from '../content/content-hash.js';
import { MOST_CORNERS, MOST_PARTS } from '../content/members.js';
import type { KeptVersion } from '../blueprint-versions.reader.js';
import { readVersions } from '../blueprint-versions.reader.js';
import { type KeptRevision, MappingReader } from '../mapping/mapping.reader.js';
import { addRevisions, lockMappings, type NewRevision, noteApplied } from '../mapping/mapping.writer.js';
import { holdsAt, startOfRevision } from '../mapping/revision-start.js';
import { keysThatExist, storeProblem, type TargetStore } from '../mapping/target-stores.reader.js';
import type { MappingContent } from '../mapping-content.js';
import { type Clash, mergeContent } from '../merge.js';
import { type MergeSummary, summarize } from '../merge-summary.js';

export const APPLY_MODES = ['merge', 'replace'] as const;
export const ON_CONFLICT = ['fail', 'theirs', 'ours'] as const;

export interface ApplyOptions {
  readonly mode: (typeof APPLY_MODES)[number];
  readonly onConflict: (typeof ON_CONFLICT)[number];
  readonly dryRun: boolean;
  /** Null: from now on. */
  readonly effectiveFromUs: number | null;
}

/** What an apply comes to for one store. */
export interface Applied {
  readonly store: TargetStore;
  readonly changed: boolean;
  /** The revision that says it, or would. */
  readonly revision: number;
  readonly effectiveFromUs: number;
  /** Of the layout that it comes to. */
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

/** Asked under the lock of a store, before anything is worked out for it. @throws Problem where it must not be changed. */
type Check = (head: KeptRevision | null, store: TargetStore) => void;

/** Puts versions of blueprints into force. */
@Injectable()
export class BlueprintApplier {
  constructor(
    private readonly mappings: MappingReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies a version to stores, within the caller's transaction and under the lock of each store.
   *
   * @param stores each once
   * @param check of the last revision of a store
   * @returns for each store what it comes to, or why it does not; nothing is written for those
   */
  async apply(
    client: pg.PoolClient,
    version: KeptVersion,
    stores: readonly TargetStore[],
    options: ApplyOptions,
    check: Check = () => undefined,
  ): Promise<(Applied | Problem)[]> {
    const keys = stores.map(({ key }) => key);
    const existing = await keysThatExist(client, keys);
    await lockMappings(client, keys);
    const heads = await this.mappings.heads(client, keys);
    const last = await this.mappings.lastNumbers(client, keys);
    const run = new ApplyRun(version, await basesOf(client, heads), options, this.clock.nowUs());
    const done: (Applied | Problem)[] = [];
    for (const store of stores) {
      done.push(
        attempt(() => {
          if (!existing.has(store.key)) throw storeProblem(store.id, 'none');
          const head = heads.get(store.key) ?? null;
          check(head, store);
          return run.plan(store, head, last.get(store.key) ?? 0);
        }),
      );
      // Merging two layouts of a thousand zones takes a fifth of a second: not fifty of them while everybody else waits.
      await giveBackEventLoop();
    }
    if (!options.dryRun) await run.write(client);
    return done;
  }
}

/** One version on its way to stores of one transaction. Stores whose mappings are alike are worked out once. */
class ApplyRun {
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
    const wantedUs = this.options.effectiveFromUs;
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
    return { store, changed: true, revision, effectiveFromUs, hash, summary, clashes };
  }

  async write(client: pg.PoolClient): Promise<void> {
    await addRevisions(client, this.added, this.nowUs);
    await noteApplied(client, this.found, this.version);
  }

  private outcome(head: KeptRevision | null): Outcome {
    const last = head?.blueprint ?? null;
    const base = last === null ? null : (this.bases.get(nameOf(last)) ?? null);
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

/** The versions last applied, which merges compare with. */
async function basesOf(
  client: pg.PoolClient,
  heads: ReadonlyMap<number, KeptRevision>,
): Promise<Map<string, KeptVersion>> {
  const wanted = new Map(
    [...heads.values()].flatMap(({ blueprint }) =>
      blueprint === null ? [] : [[nameOf(blueprint), blueprint]],
    ),
  );
  const versions = await readVersions(client, [...wanted.values()]);
  return new Map(versions.map((version) => [nameOf(version), version]));
}

function nameOf({ id, version }: { id: string; version: number }): string {
  return `${id} ${version}`;
}

function attempt<T>(work: () => T): T | Problem {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
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

/** One that a side does not have is shown as null. */
export function presentClash({ kind, key, member, base, ours, theirs }: Clash): ClashView {
  return {
    kind,
    key,
    member: member && (MEMBER_NAMES[member] ?? member),
    base: base ?? null,
    ours: ours ?? null,
    theirs: theirs ?? null,
  };
}

/** Members whose names over HTTP are others. */
const MEMBER_NAMES: Readonly<Record<string, string>> = {
  minPresenceMs: 'min_presence_ms',
  exitGraceMs: 'exit_grace_ms',
  openEvidence: 'open_evidence',
};

/** What both sides changed, and not alike. */
export interface ClashView {
  kind: string;
  key: string;
  member: string | null;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}
