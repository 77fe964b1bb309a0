import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction, ONE_SNAPSHOT } from '../../platform/database/connection.js';
import { requireMatch } from '../../platform/http/entity-tag.js';
import { parseInstantUs } from '../../platform/instant.js';
import { Problem } from '../../platform/problem.js';
import { invalid } from '../../stores/invalid.js';
import type { Tagged } from '../../stores/stores.service.js';
import type { ListVersionsDto, RollbackDto } from '../blueprint.dto.js';
import { counterIn } from '../counters.js';
import { contentHash } from '../content/content-hash.js';
import type { MappingContent } from '../mapping-content.js';
import { readMapping } from './mapping.body.js';
import {
  type MappingState,
  noSuchRevision,
  refuseWithdrawal,
  tagged,
  tagOfMapping,
} from './mapping-state.js';
import { type KeptRevision, MappingReader } from './mapping.reader.js';
import { addRevisions, lockMappings, type NewRevision, withdrawRevision } from './mapping.writer.js';
import {
  type MappingView,
  presentMapping,
  presentRevision,
  presentRevisionSummary,
  type RevisionListView,
  type RevisionView,
} from './mapping.view.js';
import { holdsAt, startOfRevision, startProblem } from './revision-start.js';
import { findStore, type TargetStore } from './target-stores.reader.js';

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
    return this.read(async (client) => tagged(await this.state(client, await findStore(client, store))));
  }

  /** What holds for a store now. @throws Problem 404, 409 when nothing does. */
  contentInForce(name: string): Promise<MappingContent> {
    return this.read(async (client) => {
      const { store, now } = await this.state(client, await findStore(client, name));
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
    return this.edit(store, ifMatch, async (state, client) => {
      const { head, now, nowUs } = state;
      const shown = presentMapping(state.store, now, head);
      const { content, effectiveFromUs } = readMapping(body, head?.content ?? null, shown, nowUs);
      await append(client, state, effectiveFromUs, {
        content,
        hash: contentHash(content),
        action: 'replace',
        blueprint: head?.blueprint ?? null,
        rolledBackTo: null,
      });
    });
  }

  /**
   * Adds a revision that is equal to an earlier one.
   *
   * @throws Problem 400, 404 (the store, the revision), 409 (`effective_from`, it was withdrawn), 412.
   */
  rollback(store: string, request: RollbackDto, ifMatch: string | null): Promise<Tagged<MappingView>> {
    return this.edit(store, ifMatch, async (state, client) => {
      const wantedUs = request.effective_from ? parseInstantUs(request.effective_from) : null;
      const rule = startProblem(wantedUs, state.nowUs);
      if (rule !== null) throw invalid('/effective_from', `effective_from ${rule}.`);
      const target = await this.known(client, state, request.to_revision);
      if (target.withdrawnAt !== null)
        throw new Problem(
          409,
          'revision_withdrawn',
          `Revision ${target.revision} was withdrawn before it held, so nothing can go back to it. Choose one that held.`,
        );
      const { content, hash, blueprint, revision: rolledBackTo } = target;
      await append(client, state, wantedUs, {
        content,
        hash,
        action: 'rollback',
        blueprint,
        rolledBackTo,
      });
    });
  }

  /**
   * Withdraws the last revision, which is effective only later: it never holds. Done once more, it changes nothing.
   *
   * @param revision as it was named.
   * @throws Problem 404 (the store, the revision), 409 (it holds already, another is planned behind it), 412.
   */
  withdraw(store: string, revision: string, ifMatch: string | null): Promise<Tagged<MappingView>> {
    return this.edit(store, ifMatch, async (state, client) => {
      const target = await this.known(client, state, revision);
      if (target.withdrawnAt !== null) return;
      refuseWithdrawal(state, target);
      await withdrawRevision(client, target);
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

  /** @param revision as it was named. @throws Problem 404 */
  revision(store: string, revision: string): Promise<RevisionView> {
    return this.read(async (client) => {
      const state = await this.state(client, await findStore(client, store));
      return presentRevision(await this.known(client, state, revision));
    });
  }

  /** @param named the revision, as text where it stands in an address. @throws Problem 404 */
  private async known(
    client: pg.PoolClient,
    state: MappingState,
    named: number | string,
  ): Promise<KeptRevision> {
    const revision = counterIn(named);
    const mayBe = revision !== null && revision >= 1 && revision <= state.last;
    const found = mayBe ? await this.reader.revision(client, state.store.key, revision) : null;
    if (found === null) throw noSuchRevision(state, named);
    return found;
  }

  private edit(
    name: string,
    ifMatch: string | null,
    work: (state: MappingState, client: pg.PoolClient) => Promise<void>,
  ): Promise<Tagged<MappingView>> {
    return inTransaction(this.dataSource, async (client) => {
      const store = await findStore(client, name);
      await lockMappings(client, [store.key]);
      const state = await this.state(client, store);
      requireMatch(ifMatch, tagOfMapping(store, state.head));
      await work(state, client);
      return tagged(await this.state(client, store));
    });
  }

  private async state(client: pg.PoolClient, store: TargetStore): Promise<MappingState> {
    const nowUs = this.clock.nowUs();
    const head = (await this.reader.heads(client, [store.key])).get(store.key) ?? null;
    const last = (await this.reader.lastNumbers(client, [store.key])).get(store.key) ?? 0;
    const holds = head === null || head.effectiveFromUs <= nowUs;
    const now = holds ? head : await this.reader.inForce(client, store.key, nowUs);
    return { store, nowUs, head, last, now };
  }

  private read<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, use, ONE_SNAPSHOT);
  }
}

/** Adds a revision behind the last one, unless that says the same from then on. @throws Problem 409 */
async function append(
  client: pg.PoolClient,
  { store, head, last, nowUs }: MappingState,
  wantedUs: number | null,
  said: Pick<NewRevision, 'content' | 'hash' | 'action' | 'blueprint' | 'rolledBackTo'>,
): Promise<void> {
  if (said.hash === head?.hash && holdsAt(head, wantedUs, nowUs)) return;
  const effectiveFromUs = startOfRevision(store, head, wantedUs, nowUs);
  await addRevisions(client, [{ storeKey: store.key, revision: last + 1, effectiveFromUs, ...said }], nowUs);
}
