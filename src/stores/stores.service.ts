import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { canonicalZone } from '../availability/index.js';
import { Clock } from '../platform/clock.js';
import { withConnection } from '../platform/database/connection.js';
import { Environment } from '../platform/environment.js';
import { entityTag, requireMatch } from '../platform/http/entity-tag.js';
import { Problem } from '../platform/problem.js';
import { parseDate } from '../platform/wall-time.js';
import { planChange } from './calendar/dated-changes.js';
import { carryOut } from './calendar/dated-changes.writer.js';
import { ALIASES, type ChangeStoreDto, type CreateStoreDto } from './store.dto.js';
import { noteFactChange } from './fact-versions.js';
import { StoreEdits } from './store-edits.js';
import { invalid } from './invalid.js';
import { refuseTakenNames, type StoreNames, storeNames } from './store-names.js';
import { type StoreState, type StoreToday, todayOf } from './store-state.js';
import { readStore } from './store-state.reader.js';
import { foldName } from './store-text.js';
import { editableOf, presentStore, type StoreView } from './store.view.js';

/** A representation, and its tag. */
export interface Tagged<T> {
  view: T;
  etag: string;
}

/** Makes, shows, changes and archives stores. */
@Injectable()
export class StoresService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
    private readonly edits: StoreEdits,
  ) {}

  /** @throws Problem 404 */
  async find(id: string): Promise<Tagged<StoreView>> {
    return withConnection(this.dataSource, async (client) => this.present(await readStore(client, id)));
  }

  /** @throws Problem 400 (zone, dates), 409 (the id or one of its names is taken), 503. */
  create(request: CreateStoreDto): Promise<Tagged<StoreView>> {
    const zone = zoneOf(request.zone ?? null);
    const from = dateOf(request.active_from);
    const until = dateOf(request.active_until);
    refuseReversed(from, until);
    return this.edits.run(async (client) => {
      await refuseKnown(client, request.store_id);
      const names = storeNames(request.name ?? null, request.aliases ?? []);
      await refuseTakenNames(client, null, names);
      await client.query(
        `INSERT INTO stores (store_id, zone, zone_source, name, aliases, folded_name, folded_aliases, active_from,
                             active_until)
         VALUES ($1, $2, CASE WHEN $2::text IS NOT NULL THEN 'edited' END, $3, $4, $5, $6,
                 date '1970-01-01' + $7::int, date '1970-01-01' + $8::int)`,
        [
          request.store_id,
          zone,
          names.name,
          names.aliases,
          names.foldedName,
          names.foldedAliases,
          from,
          until,
        ],
      );
      await noteFactChange(client, { calendar: true });
      return this.present(await readStore(client, request.store_id));
    });
  }

  /**
   * Changes what the request names and leaves the rest.
   *
   * @param ifMatch null: whatever the store was like before.
   * @throws Problem 400, 404, 409 (a name is taken), 412, 503.
   */
  change(id: string, request: ChangeStoreDto, ifMatch: string | null): Promise<Tagged<StoreView>> {
    if ((request.effective_from ?? null) !== null && request.zone === undefined)
      throw invalid(
        '/effective_from',
        'effective_from says from when on a zone holds, but there is no member zone.',
      );
    return this.edits.run(async (client) => {
      const store = await readStore(client, id);
      requireMatch(ifMatch, this.present(store).etag);
      if (request.zone !== undefined) await this.changeZone(client, store, request);
      await this.changeNames(client, store, request);
      await this.changeDates(client, store, request);
      return this.present(await readStore(client, id));
    });
  }

  /**
   * Lets a name lead to a store from now on.
   *
   * @returns false when it did already.
   * @throws Problem 404, 409 (the name leads to another store, or there are too many), 503.
   */
  addAlias(id: string, alias: string): Promise<boolean> {
    return this.edits.run(async (client) => {
      const store = await readStore(client, id);
      const folded = foldName(alias.trim());
      const own = [store.name ?? '', ...store.aliases].map(foldName);
      if (alias.trim() === store.id || own.includes(folded)) return false;
      const names = storeNames(store.name, [...store.aliases, alias]);
      if (names.aliases.length > ALIASES)
        throw new Problem(
          409,
          'too_many_aliases',
          `The store '${id}' has ${ALIASES} aliases, the most that there may be. Remove one with PUT /api/v1/stores/${encodeURIComponent(id)}.`,
        );
      await refuseId(client, alias.trim());
      await refuseTakenNames(client, store.key, names);
      await writeNames(client, store.key, names);
      return true;
    });
  }

  /** Archives: polls go on being taken, and the figures of the dates of business stay. @throws Problem 404, 412, 503. */
  async archive(id: string, ifMatch: string | null): Promise<void> {
    await this.change(id, { archived: true }, ifMatch);
  }

  today(store: StoreState): StoreToday {
    return todayOf(store, this.environment.defaultZone, this.clock.nowUs());
  }

  present(store: StoreState): Tagged<StoreView> {
    const view = presentStore(store, this.today(store));
    return { view, etag: entityTag(editableOf(store), view) };
  }

  private async changeZone(client: pg.PoolClient, store: StoreState, request: ChangeStoreDto): Promise<void> {
    const zone = zoneOf(request.zone ?? null);
    const from = request.effective_from ?? (zone === null ? 'always' : null);
    if (from === 'always') {
      await client.query('DELETE FROM store_zone_changes WHERE store_key = $1', [store.key]);
      await noteFactChange(client, { calendar: zone !== store.zone || store.zoneChanges.length > 0 });
      await client.query(
        `UPDATE stores SET zone = $2, zone_source = CASE WHEN $2::text IS NOT NULL THEN 'edited' END WHERE store_key = $1`,
        [store.key, zone],
      );
      return;
    }
    if (zone === null)
      throw invalid(
        '/effective_from',
        'Without a zone the default one holds, for all time: leave effective_from out, or name the zone.',
      );
    const date = from === null ? this.today(store).date + 1 : parseDate(from)!;
    const changes = store.zoneChanges.map((change) => ({ fromDate: change.fromDate, value: change.zone }));
    const given = { date, value: zone };
    const plan = planChange(changes, store.zone, given, (one, other) => one === other);
    await carryOut(client, 'store_zone_changes', plan, store.key, given);
  }

  private async changeNames(
    client: pg.PoolClient,
    store: StoreState,
    request: ChangeStoreDto,
  ): Promise<void> {
    if (request.name === undefined && request.aliases === undefined) return;
    const name = request.name === undefined ? store.name : request.name;
    const names = storeNames(name, request.aliases === undefined ? store.aliases : (request.aliases ?? []));
    await refuseTakenNames(client, store.key, names);
    await writeNames(client, store.key, names);
  }

  private async changeDates(
    client: pg.PoolClient,
    store: StoreState,
    request: ChangeStoreDto,
  ): Promise<void> {
    const from = request.active_from === undefined ? store.activeFrom : dateOf(request.active_from);
    let until = request.active_until === undefined ? store.activeUntil : dateOf(request.active_until);
    const archived = request.archived ?? store.archivedAt !== null;
    if (archived && store.archivedAt === null) {
      const today = this.today(store).date;
      if (request.active_until !== undefined) refuseReversed(from, until);
      until = Math.min(until ?? today, today);
    } else if (!archived || request.active_from !== undefined || request.active_until !== undefined) {
      refuseReversed(from, until);
    }
    await client.query(
      `UPDATE stores
          SET active_from = date '1970-01-01' + $2::int, active_until = date '1970-01-01' + $3::int,
              archived_at = CASE WHEN $4 THEN coalesce(archived_at, clock_timestamp()) END
        WHERE store_key = $1`,
      [store.key, from, until, archived],
    );
    await noteFactChange(client, { calendar: from !== store.activeFrom || until !== store.activeUntil });
  }
}

function dateOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : parseDate(text);
}

function zoneOf(name: string | null): string | null {
  if (name === null) return null;
  const zone = canonicalZone(name);
  if (zone !== null) return zone;
  throw invalid(
    '/zone',
    `zone has to be the IANA name of a time zone, such as "America/Chicago"; '${name.slice(0, 100)}' is none.`,
  );
}

function refuseReversed(from: number | null, until: number | null): void {
  if (from === null || until === null || from <= until) return;
  throw invalid(
    '/active_until',
    'active_until lies before active_from. Give both, the first date of business and the last.',
  );
}

async function writeNames(client: pg.PoolClient, key: number, names: StoreNames): Promise<void> {
  await client.query(
    'UPDATE stores SET name = $2, aliases = $3, folded_name = $4, folded_aliases = $5 WHERE store_key = $1',
    [key, names.name, names.aliases, names.foldedName, names.foldedAliases],
  );
}

/** An id comes before every name, so the alias would lead nowhere. */
async function refuseId(client: pg.PoolClient, alias: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM stores WHERE store_id = $1', [alias]);
  if (rowCount === 0) return;
  throw new Problem(409, 'name_taken', `'${alias}' is the id of a store of its own, and leads to that one.`);
}

async function refuseKnown(client: pg.PoolClient, id: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM stores WHERE store_id = $1', [id]);
  if (rowCount === 0) return;
  throw new Problem(
    409,
    'store_exists',
    `The store '${id}' is there already: somebody made it, or a file or poll named it. Change it with PUT /api/v1/stores/${encodeURIComponent(id)}.`,
  );
}
