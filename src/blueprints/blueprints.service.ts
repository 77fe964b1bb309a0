import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { inTransaction } from '../platform/database/connection.js';
import { entityTag, requireMatch } from '../platform/http/entity-tag.js';
import { Problem } from '../platform/problem.js';
import { foldName } from '../stores/store-text.js';
import { type BlueprintDraft, readBlueprint, readName } from './blueprint.body.js';
import type { FromMappingDto, ListBlueprintsDto, ListVersionsDto } from './blueprint.dto.js';
import { type KeptVersion, readVersions, readVersionsOf } from './blueprint-versions.reader.js';
import {
  type BlueprintListView,
  type BlueprintVersionListView,
  presentBlueprint,
  presentSummary,
  presentVersionSummary,
} from './blueprint.view.js';
import {
  type KeptBlueprint,
  listBlueprintRows,
  pageBlueprintRows,
  readBlueprintRow,
} from './blueprints.reader.js';
import { archived, noSuchBlueprint, unlessTaken } from './blueprint-problems.js';
import { archiveBlueprint, insertBlueprint, updateBlueprint } from './blueprints.writer.js';
import { counterIn, wrongCounter } from './counters.js';
import { contentHash } from './content/content-hash.js';
import { MappingService } from './mapping/mapping.service.js';
import { DEFAULT_STORE } from './mapping/target-stores.reader.js';

/** Keeps layouts under names, with every version that they had. */
@Injectable()
export class BlueprintsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mappings: MappingService,
  ) {}

  /** @param body as it was sent. @throws Problem 400 with all that is wrong, 409 when the name is taken. */
  create(body: unknown): Promise<KeptBlueprint> {
    return this.keepNew(readBlueprint(body, null, null));
  }

  /** @throws Problem 404; an id that can't be one is none. */
  async find(id: string): Promise<KeptBlueprint> {
    const found = isUuid(id) ? await readBlueprintRow(this.dataSource, id) : null;
    if (found === null) throw noSuchBlueprint(id);
    return found;
  }

  /** Newest first. */
  async list(query: ListBlueprintsDto): Promise<BlueprintListView> {
    const filter = {
      archived: query.archived === 'true',
      isActive: query.is_active === undefined ? null : query.is_active === 'true',
      search: query.search === undefined ? null : foldName(query.search.trim()),
    };
    const page = await listBlueprintRows(this.dataSource, filter, query.cursor ?? null, query.limit + 1);
    const shown = page.slice(0, query.limit);
    return {
      data: shown.map(presentSummary),
      next_cursor: page.length > query.limit ? shown.at(-1)!.id : null,
    };
  }

  /** Whole ones that are not archived, newest first. */
  page(offset: number, limit: number): Promise<{ total: number; blueprints: KeptBlueprint[] }> {
    return pageBlueprintRows(this.dataSource, offset, limit);
  }

  /**
   * Makes a new version, unless everything stays as it is. What the body leaves out stays.
   *
   * @param ifMatch null: whatever it was like before.
   * @throws Problem 400, 404, 409 (its name is taken, it is archived), 412.
   */
  change(id: string, body: unknown, ifMatch: string | null): Promise<KeptBlueprint> {
    return this.locked(id, async (client, before) => {
      requireMatch(ifMatch, tagOf(before));
      if (before.archivedAt !== null) throw archived(before);
      const draft = readBlueprint(body, before, { ...presentBlueprint(before) });
      const hash = contentHash(draft.content);
      if (hash === before.hash && isAlike(draft, before)) return before;
      await updateBlueprint(client, id, before.version + 1, draft, hash);
      return (await readBlueprintRow(client, id))!;
    });
  }

  /** Lists and applies it no more. Its versions stay. @throws Problem 404, 412. */
  archive(id: string, ifMatch: string | null): Promise<void> {
    return this.locked(id, async (client, before) => {
      requireMatch(ifMatch, tagOf(before));
      await archiveBlueprint(client, id);
    });
  }

  /** Newest first, without their layouts. @throws Problem 404 */
  async versions(id: string, query: ListVersionsDto): Promise<BlueprintVersionListView> {
    await this.find(id);
    const before = query.cursor === undefined ? null : Number(query.cursor);
    const page = await readVersionsOf(this.dataSource, id, before, query.limit + 1);
    const shown = page.slice(0, query.limit);
    return {
      data: shown.map(presentVersionSummary),
      next_cursor: page.length > query.limit ? String(shown.at(-1)!.version) : null,
    };
  }

  /** @param named the version, as text where it stands in an address. @throws Problem 404 */
  async version(id: string, named: number | string): Promise<KeptVersion> {
    const newest = await this.find(id);
    const version = counterIn(named);
    const isKnown = version !== null && version >= 1 && version <= newest.version;
    const [found] = isKnown ? await readVersions(this.dataSource, [{ id, version }]) : [];
    if (found !== undefined) return found;
    throw new Problem(
      404,
      'version_not_found',
      `The blueprint '${newest.name}' has no version ${wrongCounter(named, 'version', newest.version)}.`,
    );
  }

  /**
   * Makes a blueprint of the mapping that is in force for a store, with what was changed there by hand.
   *
   * @throws Problem 400, 404, 409 when there is no mapping, or the name is taken.
   */
  async createFromMapping(request: FromMappingDto): Promise<KeptBlueprint> {
    const name = readName(request.name);
    const store = request.store ?? DEFAULT_STORE;
    const content = await this.mappings.contentInForce(store);
    return this.keepNew({
      name,
      description: request.description === undefined ? '' : request.description,
      isActive: request.is_active ?? true,
      content,
    });
  }

  private async keepNew(draft: BlueprintDraft): Promise<KeptBlueprint> {
    const id = uuidv7();
    return unlessTaken(draft.name, () =>
      inTransaction(this.dataSource, async (client) => {
        await insertBlueprint(client, id, draft, contentHash(draft.content));
        return (await readBlueprintRow(client, id))!;
      }),
    );
  }

  private locked<T>(
    id: string,
    use: (client: pg.PoolClient, before: KeptBlueprint) => Promise<T>,
  ): Promise<T> {
    return unlessTaken(null, () =>
      inTransaction(this.dataSource, async (client) => {
        const before = isUuid(id) ? await readBlueprintRow(client, id, true) : null;
        if (before === null) throw noSuchBlueprint(id);
        return use(client, before);
      }),
    );
  }
}

/** The tag of a blueprint, which every new version changes. */
export function tagOf(blueprint: KeptBlueprint): string {
  return entityTag([blueprint.id, blueprint.version, blueprint.archivedAt], presentBlueprint(blueprint));
}

function isAlike(draft: BlueprintDraft, before: KeptBlueprint): boolean {
  const { name, description, isActive } = before;
  return draft.name === name && draft.description === description && draft.isActive === isActive;
}
