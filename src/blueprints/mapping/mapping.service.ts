import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { entityTag, requireMatch } from '../../platform/http/entity-tag.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { Findings } from '../../stores/invalid.js';
import type { Tagged } from '../../stores/stores.service.js';
import type { ListVersionsDto, RollbackDto } from '../blueprint.dto.js';
import { contentHash } from '../content/content-hash.js';
import { EMPTY_CONTENT, parseContent } from '../content/content.parser.js';
import { type JsonObject, Members, NOTHING, refuseUnkeepable } from '../content/members.js';
import type { MappingContent } from '../mapping-content.js';
import { refuseReadOnly } from '../read-only.js';
import { type KeptRevision, MappingReader } from './mapping.reader.js';
import { addRevisions, lockMappings, type NewRevision } from './mapping.writer.js';
import {
  type MappingView,
  presentMapping,
  presentRevision,
  presentRevisionSummary,
  type RevisionListView,
  type RevisionView,
} from './mapping.view.js';
import { startOfRevision } from './revision-start.js';
import { findStore, type TargetStore } from './target-stores.reader.js';

/** Shown, but not set by anybody. */
const READ_ONLY = [
  'store_id',
  'revision',
  'action',
  'blueprint',
  'rolled_back_to',
  'created_at',
  'planned',
  'links',
] as const;

/** Where the mapping of a store stands. */
interface Standing {
  readonly store: TargetStore;
  readonly nowUs: number;
  /** What holds now. */
  readonly now: KeptRevision | null;
  /** The last revision, which may hold only later. */
  readonly head: KeptRevision | null;
}

/** Shows and edits what holds for a store. Stores go by id, name or alias; `default` needs none to be there. */
@Injectable()
export class MappingService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reader: MappingReader,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 404, 409 (several stores have the name) */
  find(store: string): Promise<Tagged<MappingView>> {
    return this.read(async (client) => tagged(await this.standing(client, await findStore(client, store))));
  }

  /** What holds for a store now. @throws Problem 404, 409 when nothing does. */
  contentInForce(name: string): Promise<MappingContent> {
    return this.read(async (client) => {
      const { store, now } = await this.standing(client, await findStore(client, name));
      if (now !== null) return now.content;
      throw new Problem(
        409,
        'no_mapping',
        `No mapping is in force for the store '${store.id}' yet. Apply a blueprint to it, or PUT its mapping.`,
      );
    });
  }

  /**
   * Edits the mapping by hand. What the body leaves out stays as the last revision has it.
   *
   * @throws Problem 400, 404, 409 (`effective_from`), 412.
   */
  replace(store: string, body: unknown, ifMatch: string | null): Promise<Tagged<MappingView>> {
    return this.edit(store, ifMatch, async (standing) => {
      const { content, effectiveFromUs } = readMapping(body, standing);
      const { head, nowUs } = standing;
      const hash = contentHash(content);
      if (hash === head?.hash) return null;
      return {
        ...nextOf(standing),
        effectiveFromUs: startOfRevision(head, effectiveFromUs, nowUs),
        content,
        hash,
        action: 'replace',
        blueprint: head?.blueprint ?? null,
        rolledBackTo: null,
      };
    });
  }

  /**
   * Adds a revision that is equal to an earlier one.
   *
   * @throws Problem 404 (the store, the revision), 409 (`effective_from`), 412.
   */
  rollback(store: string, request: RollbackDto, ifMatch: string | null): Promise<Tagged<MappingView>> {
    return this.edit(store, ifMatch, async (standing, client) => {
      const target = await this.known(client, standing, request.to_revision);
      if (target.hash === standing.head?.hash) return null;
      const wantedUs = request.effective_from ? parseInstantUs(request.effective_from) : null;
      return {
        ...nextOf(standing),
        effectiveFromUs: startOfRevision(standing.head, wantedUs, standing.nowUs),
        content: target.content,
        hash: target.hash,
        action: 'rollback',
        blueprint: target.blueprint,
        rolledBackTo: target.revision,
      };
    });
  }

  /** Newest first, without their layouts. @throws Problem 404 */
  revisions(store: string, query: ListVersionsDto): Promise<RevisionListView> {
    return this.read(async (client) => {
      const { key } = await findStore(client, store);
      const before = query.cursor === undefined ? null : Number(query.cursor);
      const page = await this.reader.page(client, key, before, query.limit + 1);
      const shown = page.slice(0, query.limit);
      return {
        data: shown.map(presentRevisionSummary),
        next_cursor: page.length > query.limit ? String(shown.at(-1)!.revision) : null,
      };
    });
  }

  /** @throws Problem 404 */
  revision(store: string, revision: number): Promise<RevisionView> {
    return this.read(async (client) => {
      const standing = await this.standing(client, await findStore(client, store));
      return presentRevision(await this.known(client, standing, revision));
    });
  }

  /** @throws Problem 404 */
  private async known(client: pg.PoolClient, standing: Standing, revision: number): Promise<KeptRevision> {
    const mayBe = revision >= 1 && revision <= (standing.head?.revision ?? 0);
    const found = mayBe ? await this.reader.revision(client, standing.store.key, revision) : null;
    if (found === null) throw noSuchRevision(standing, revision);
    return found;
  }

  private edit(
    name: string,
    ifMatch: string | null,
    work: (standing: Standing, client: pg.PoolClient) => Promise<NewRevision | null>,
  ): Promise<Tagged<MappingView>> {
    return inTransaction(this.dataSource, async (client) => {
      const store = await findStore(client, name);
      await lockMappings(client, [store.key]);
      const standing = await this.standing(client, store);
      requireMatch(ifMatch, tagOfMapping(store, standing.head));
      const next = await work(standing, client);
      if (next === null) return tagged(standing);
      await addRevisions(client, [next], standing.nowUs);
      return tagged(await this.standing(client, store));
    });
  }

  private async standing(client: pg.PoolClient, store: TargetStore): Promise<Standing> {
    const nowUs = this.clock.nowUs();
    const head = (await this.reader.heads(client, [store.key])).get(store.key) ?? null;
    const holds = head === null || head.effectiveFromUs <= nowUs;
    return { store, nowUs, head, now: holds ? head : await this.reader.inForce(client, store.key, nowUs) };
  }

  private read<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, use, ONE_SNAPSHOT);
  }
}

/** The tag of a store's mapping, which every revision changes. */
export function tagOfMapping(
  store: TargetStore,
  head: Pick<KeptRevision, 'revision' | 'hash'> | null,
  shown: unknown = null,
): string {
  return entityTag([store.key, head?.revision ?? 0, head?.hash ?? null], shown);
}

function tagged({ store, now, head }: Standing): Tagged<MappingView> {
  const view = presentMapping(store, now, head);
  return { view, etag: tagOfMapping(store, head, view) };
}

function nextOf({ store, head }: Standing): Pick<NewRevision, 'storeKey' | 'revision'> {
  return { storeKey: store.key, revision: (head?.revision ?? 0) + 1 };
}

/** @throws Problem 400 with all that is wrong, 412 when it says an older revision. */
function readMapping(
  body: unknown,
  { store, now, head }: Standing,
): { content: MappingContent; effectiveFromUs: number | null } {
  const findings = new Findings();
  refuseUnkeepable(body, '', findings);
  const members = new Members((body ?? NOTHING) as JsonObject, '', findings);
  const shown = presentMapping(store, now, head);
  refuseReadOnly(members, READ_ONLY, { ...shown }, 'revision');
  const given = members.take('effective_from');
  // What was read says when that became effective, and is sent back as it is.
  const said = given === undefined || given === shown.effective_from ? null : given;
  const effectiveFromUs = typeof said === 'string' ? parseInstantUs(said) : null;
  if (said !== null && effectiveFromUs === null)
    members.wrong(
      'effective_from',
      'instant',
      'has to be an instant with its zone, from 1970 to 2111, such as 2023-01-25T18:13:22Z',
    );
  const content = parseContent(members, head?.content ?? EMPTY_CONTENT, findings);
  findings.refuse();
  return { content, effectiveFromUs };
}

function noSuchRevision({ store, head }: Standing, revision: number): Problem {
  return new Problem(
    404,
    'revision_not_found',
    head === null
      ? `The store '${store.id}' has no mapping yet.`
      : `The mapping of the store '${store.id}' has no revision ${revision}; it has 1 to ${head.revision}.`,
  );
}
