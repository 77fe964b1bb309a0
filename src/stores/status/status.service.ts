import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { withConnection } from '../../platform/database/connection.js';
import { Environment } from '../../platform/environment.js';
import { badCursor, cursorOf, placeOfCursor } from '../../platform/http/cursor.js';
import { parseInstantUs } from '../../platform/instant.js';
import { todayOf } from '../store-state.js';
import { STATE_COLUMNS, stateOf, type StateRow } from '../store-state.reader.js';
import { FreshSnapshots } from './fresh-snapshots.js';
import type { ListedState, StoresDownQueryDto } from './status.dto.js';
import { StandingNotes } from './standing-notes.js';
import { StatusReader, type StatusSnapshot } from './status.reader.js';
import {
  type StandingListView,
  type StandingView,
  standingView,
  type StatusCountsView,
  statusCountsView,
  statusView,
} from './status.view.js';
import { placeOf, type Standing, type StandingPlace } from './store-standings.js';

/** An answer as it is sent, and its tag: the same for the same counts of the same instant. */
export interface WrittenStatus {
  body: string;
  etag: string;
}

/** Answers what all stores are, now or then. */
@Injectable()
export class StatusService {
  private readonly snapshots: FreshSnapshots;
  /** Written once, though asked for a thousand times a second. */
  private readonly written = new WeakMap<StatusSnapshot, WrittenStatus>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly environment: Environment,
    private readonly notes: StandingNotes,
    reader: StatusReader,
  ) {
    this.snapshots = new FreshSnapshots(reader);
  }

  /**
   * @param asOf an instant that was checked before; left out: the newest poll
   * @throws Problem 503 while too many other instants are asked for
   */
  async status(asOf: string | undefined): Promise<WrittenStatus> {
    const snapshot = await this.snapshots.get(instantOf(asOf));
    let written = this.written.get(snapshot);
    if (written === undefined) {
      written = { body: JSON.stringify(statusView(snapshot)), etag: tagOf(statusCountsView(snapshot)) };
      this.written.set(snapshot, written);
    }
    return written;
  }

  /** To be called when all facts have been exchanged: nothing of what is kept is true any more. */
  forget(): void {
    this.snapshots.forget();
  }

  /** The counts of the present instant. */
  async counts(): Promise<StatusCountsView> {
    return statusCountsView(await this.snapshots.get(null));
  }

  /** @throws Problem 400 (cursor), 503 as `status` */
  async list(query: StoresDownQueryDto): Promise<StandingListView> {
    const after = query.cursor === undefined ? null : parseCursor(query.cursor);
    const asked = instantOf(query.as_of);
    // A page belongs to the first one's instant, however many polls have come since.
    if (after !== null && asked !== null && after.asOfUs !== asked) throw badCursor();
    const snapshot = await this.snapshots.get(after?.asOfUs ?? asked);
    const all = snapshot[query.state];
    const found = all.page(after, query.limit + 1);
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    return {
      ...headOf(snapshot),
      state: query.state,
      total: all.size,
      data: snapshot.asOfUs === null ? [] : await this.present(page, query.state, snapshot.asOfUs),
      next_cursor:
        found.length > page.length && last !== undefined
          ? writeCursor({ asOfUs: snapshot.asOfUs!, ...placeOf(last) })
          : null,
    };
  }

  private async present(
    page: readonly Standing[],
    state: ListedState,
    atUs: number,
  ): Promise<StandingView[]> {
    const keys = page.map(({ storeKey }) => storeKey);
    const { rows, notes } = await withConnection(this.dataSource, async (client) => {
      const found = await client.query<StateRow>(
        `SELECT ${STATE_COLUMNS} FROM stores AS s WHERE s.store_key = ANY ($1::int[])`,
        [keys],
      );
      return { rows: found.rows, notes: await this.notes.notesOf(client, page, state, atUs) };
    });
    const stores = new Map(rows.map((row) => [row.key, stateOf(row)]));
    return page.flatMap((standing) => {
      const store = stores.get(standing.storeKey);
      // Cleared since the snapshot was made.
      if (store === undefined) return [];
      const { zone } = todayOf(store, this.environment.defaultZone, atUs);
      const evidence = notes.get(standing.storeKey) ?? null;
      return [standingView({ id: store.id, name: store.name, zone }, standing, evidence, atUs)];
    });
  }
}

function headOf(snapshot: StatusSnapshot): Pick<StandingListView, 'as_of' | 'computed_at'> {
  const { as_of, computed_at } = statusView(snapshot);
  return { as_of, computed_at };
}

function instantOf(text: string | undefined): number | null {
  return text === undefined ? null : parseInstantUs(text);
}

/** Weak: it says nothing of when it was computed. */
function tagOf(counts: StatusCountsView): string {
  return `W/"${createHash('sha256').update(JSON.stringify(counts)).digest('hex').slice(0, 32)}"`;
}

interface ListPlace extends StandingPlace {
  asOfUs: number;
}

function writeCursor({ asOfUs, tenths, storeKey }: ListPlace): string {
  return cursorOf([asOfUs, tenths, storeKey].join(' '));
}

function parseCursor(cursor: string): ListPlace {
  const place = placeOfCursor(cursor);
  const [, asOf, tenths, key] = /^(\d{1,16}) (\d{1,11}) (\d{1,10})$/.exec(place ?? '') ?? [];
  if (key === undefined) throw badCursor();
  return { asOfUs: Number(asOf), tenths: Number(tenths), storeKey: Number(key) };
}
