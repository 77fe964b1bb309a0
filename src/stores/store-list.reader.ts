import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource } from 'typeorm';
import { canonicalZone } from '../availability/index.js';
import { Clock } from '../platform/clock.js';
import { withConnection } from '../platform/database/connection.js';
import { Environment } from '../platform/environment.js';
import { badCursor, cursorOf, placeOfCursor } from '../platform/http/cursor.js';
import type { ListStoresDto } from './store.dto.js';
import { businessStateOf, type StoreState, type StoreToday, todayOf } from './store-state.js';
import { STATE_COLUMNS, stateOf, type StateRow } from './store-state.reader.js';
import { foldName } from './store-text.js';
import { presentStore, type StoreListView } from './store.view.js';
import { invalid } from './invalid.js';

/** What the database can decide of a filter. The rest, which hangs on a store's clock, is looked at store by store. */
class Conditions {
  readonly values: unknown[] = [];
  private readonly all: string[] = [];
  /** Ways to pass the filter, each of which an index serves. */
  private branches: string[] = ['true'];

  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  require(condition: string): void {
    this.all.push(condition);
  }

  either(conditions: readonly string[]): void {
    this.branches = this.branches.flatMap((branch) => conditions.map((one) => `${branch} AND ${one}`));
  }

  /** Stores in order of id, each once. */
  query(limit: number): string {
    const pages = this.branches.map(
      (branch) =>
        `(SELECT s.store_key, s.store_id FROM stores AS s WHERE ${[...this.all, branch].join(' AND ')}
           ORDER BY s.store_id LIMIT ${limit})`,
    );
    const all =
      pages.length === 1 ? pages[0]! : `(${pages.join(' UNION ')} ORDER BY store_id LIMIT ${limit})`;
    return `SELECT ${STATE_COLUMNS} FROM ${all} AS page JOIN stores AS s ON s.store_key = page.store_key
             ORDER BY s.store_id`;
  }
}

/** Lists stores in the byte order of their ids. */
@Injectable()
export class StoreListReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 400 when the cursor or the zone is none. */
  async list(query: ListStoresDto): Promise<StoreListView> {
    const zone = query.zone === undefined ? null : knownZone(query.zone);
    let after = query.cursor === undefined ? null : idOfCursor(query.cursor);
    const nowUs = this.clock.nowUs();
    const wanted = query.limit + 1;
    const found: [StoreState, StoreToday][] = [];
    await withConnection(this.dataSource, async (client) => {
      for (let more = true; more && found.length < wanted; ) {
        const stores = await this.page(client, query, zone, after, nowUs, wanted);
        for (const store of stores) {
          const today = todayOf(store, this.environment.defaultZone, nowUs);
          if (isWanted(query, zone, store, today)) found.push([store, today]);
        }
        more = stores.length === wanted;
        after = stores.at(-1)?.id ?? after;
      }
    });
    const shown = found.slice(0, query.limit);
    return {
      data: shown.map(([store, today]) => presentStore(store, today)),
      next_cursor: found.length > query.limit ? cursorOf(shown.at(-1)![0].id) : null,
    };
  }

  private async page(
    client: pg.PoolClient,
    { state, search }: ListStoresDto,
    zone: string | null,
    after: string | null,
    nowUs: number,
    limit: number,
  ): Promise<StoreState[]> {
    const conditions = new Conditions();
    if (after !== null) conditions.require(`s.store_id > ${conditions.value(after)}`);
    this.requireState(conditions, state, nowUs);
    if (zone !== null) this.requireZone(conditions, zone);
    if (search !== undefined) requireText(conditions, search);
    const { rows } = await client.query<StateRow>(conditions.query(limit), conditions.values);
    return rows.map(stateOf);
  }

  /** Local dates are at most a day from the UTC date, so what is decided here is decided for every zone. */
  private requireState(conditions: Conditions, state: ListStoresDto['state'], nowUs: number): void {
    if (state === 'all') return;
    conditions.require(`s.archived_at IS ${state === 'archived' ? 'NOT NULL' : 'NULL'}`);
    if (state !== 'active' && state !== 'inactive') return;
    const today = `(date '1970-01-01' + ${conditions.value(Math.floor(nowUs / 86_400_000_000))}::int)`;
    if (state === 'active') {
      conditions.require(`(s.active_from IS NULL OR s.active_from <= ${today} + 1)`);
      conditions.require(`(s.active_until IS NULL OR s.active_until >= ${today} - 1)`);
    } else {
      conditions.require('(s.active_from IS NOT NULL OR s.active_until IS NOT NULL)');
      conditions.require(`(s.active_from > ${today} - 1 OR s.active_until < ${today} + 1)`);
    }
  }

  private requireZone(conditions: Conditions, zone: string): void {
    const value = conditions.value(zone);
    conditions.either([
      `s.zone = ${value}`,
      ...(zone === this.environment.defaultZone ? ['s.zone IS NULL'] : []),
      `s.store_key IN (SELECT store_key FROM store_zone_changes WHERE zone = ${value})`,
    ]);
  }
}

/** Letters of an id are alike only from A to Z; of names all are, since they are kept folded. */
function requireText(conditions: Conditions, search: string): void {
  const pattern = (text: string): string => conditions.value(`%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`);
  const plain = search.trim();
  conditions.either([
    `lower(s.store_id) LIKE ${pattern(plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))}`,
    `(s.folded_name IS NOT NULL OR s.folded_aliases <> '{}')
     AND concat_ws(E'\\n', s.folded_name, array_to_string(s.folded_aliases, E'\\n')) LIKE ${pattern(foldName(plain))}`,
  ]);
}

function isWanted(query: ListStoresDto, zone: string | null, store: StoreState, today: StoreToday): boolean {
  if (zone !== null && today.zone !== zone) return false;
  const { state } = query;
  return (state !== 'active' && state !== 'inactive') || businessStateOf(store, today.date) === state;
}

function knownZone(name: string): string {
  const zone = canonicalZone(name);
  if (zone !== null) return zone;
  throw invalid(
    '/zone',
    `zone has to be the IANA name of a time zone, such as America/Chicago; '${name.slice(0, 100)}' is none.`,
  );
}

function idOfCursor(cursor: string): string {
  const id = placeOfCursor(cursor);
  if (id === null || /\p{Cc}/u.test(id)) throw badCursor();
  return id;
}
