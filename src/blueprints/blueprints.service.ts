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
import { counterIn, wrongCounter } from './counters.js';
import { contentHash } from './content/content-hash.js';
import { MappingService } from './mapping/mapping.service.js';
import { DEFAULT_STORE } from './mapping/target-stores.reader.js';

const UNIQUE_VIOLATION = '23505';

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
      const version = before.version + 1;
      await client.query(
        `UPDATE blueprints SET name = $2, folded_name = $3, description = $4, is_active = $5, version = $6,
                updated_at = clock_timestamp()
          WHERE blueprint_id = $1`,
        [id, draft.name, foldName(draft.name), draft.description, draft.isActive, version],
      );
      await addVersion(client, id, version, draft, hash);
      return (await readBlueprintRow(client, id))!;
    });
  }

  /** Lists and applies it no more. Its versions stay. @throws Problem 404, 412. */
  archive(id: string, ifMatch: string | null): Promise<void> {
    return this.locked(id, async (client, before) => {
      requireMatch(ifMatch, tagOf(before));
      await client.query(
        'UPDATE blueprints SET archived_at = coalesce(archived_at, clock_timestamp()) WHERE blueprint_id = $1',
        [id],
      );
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
    return this.unlessTaken(draft.name, () =>
      inTransaction(this.dataSource, async (client) => {
        await client.query(
          `INSERT INTO blueprints (blueprint_id, name, folded_name, description, is_active, version)
           VALUES ($1, $2, $3, $4, $5, 1)`,
          [id, draft.name, foldName(draft.name), draft.description, draft.isActive],
        );
        await addVersion(client, id, 1, draft, contentHash(draft.content));
        return (await readBlueprintRow(client, id))!;
      }),
    );
  }

  private locked<T>(
    id: string,
    use: (client: pg.PoolClient, before: KeptBlueprint) => Promise<T>,
  ): Promise<T> {
    return this.unlessTaken(null, () =>
      inTransaction(this.dataSource, async (client) => {
        const before = isUuid(id) ? await readBlueprintRow(client, id, true) : null;
        if (before === null) throw noSuchBlueprint(id);
        return use(client, before);
      }),
    );
  }

  private async unlessTaken<T>(name: string | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { code, constraint } = error as { code?: string; constraint?: string };
      if (code !== UNIQUE_VIOLATION || constraint !== 'blueprints_name') throw error;
      throw new Problem(
        409,
        'name_taken',
        `Another blueprint is called ${name === null ? 'so' : `'${name}'`} already; the letter case makes no difference. Choose another name, or archive that one first.`,
      );
    }
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

async function addVersion(
  client: pg.PoolClient,
  id: string,
  version: number,
  draft: BlueprintDraft,
  hash: string,
): Promise<void> {
  await client.query(
    `INSERT INTO blueprint_versions (blueprint_id, version, name, description, is_active, content, content_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, version, draft.name, draft.description, draft.isActive, JSON.stringify(draft.content), hash],
  );
}

function noSuchBlueprint(id: string): Problem {
  return new Problem(
    404,
    'blueprint_not_found',
    `There is no blueprint '${id.slice(0, 100)}'. GET /api/v1/blueprints lists those that exist.`,
  );
}

function archived({ name }: KeptBlueprint): Problem {
  return new Problem(
    409,
    'blueprint_archived',
    `The blueprint '${name}' is archived: it can be read, but not changed or applied any more. Make a new one of it.`,
  );
}

/** @throws Problem 409 */
export function refuseUnusable(blueprint: KeptBlueprint): void {
  if (blueprint.archivedAt !== null) throw archived(blueprint);
  if (blueprint.isActive) return;
  throw new Problem(
    409,
    'blueprint_inactive',
    `The blueprint '${blueprint.name}' is not active, so it is not applied. Set is_active to true first.`,
  );
}
