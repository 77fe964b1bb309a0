import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { withConnection } from '../../platform/database/connection.js';
import { badCursor, cursorOf, placeOfCursor } from '../../platform/http/cursor.js';
import { formatInstantUs } from '../../platform/instant.js';
import { foldName } from '../../stores/store-text.js';
import { StoresService } from '../../stores/stores.service.js';
import { resolveStores } from '../store-names.reader.js';
import { EventMover, type MovedEvents } from './event-mover.js';
import type { LinkedNameView, UnmappedNameListView } from './linking.view.js';
import { UnmappedNamesReader } from './unmapped-names.reader.js';

/** Spellings that are looked up at once. */
const SPELLINGS_AT_ONCE = 10_000;
/** So long whoever links a name waits; what is left then is moved without them. */
const PATIENCE_MS = 5_000;

/** Shows names that stand for no store, and gives their events to a store. */
@Injectable()
export class LinkingService {
  private readonly logger = new Logger(LinkingService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly names: UnmappedNamesReader,
    private readonly mover: EventMover,
    private readonly stores: StoresService,
  ) {}

  /** @throws Problem 400 for a cursor that is none. */
  async list(limit: number, cursor: string | undefined): Promise<UnmappedNameListView> {
    const names = await this.names.list(cursor === undefined ? '' : nameOf(cursor), limit + 1);
    const shown = names.slice(0, limit);
    const last = names.length > limit ? shown.at(-1) : undefined;
    const bearers = await this.names.bearers(shown.map(({ folded }) => folded));
    return {
      data: shown.map(({ folded, name, events, firstUs, lastUs }) => ({
        name,
        events,
        first_seen: formatInstantUs(firstUs),
        last_seen: formatInstantUs(lastUs),
        stores: bearers.get(folded) ?? [],
      })),
      next_cursor: last ? cursorOf(last.folded) : null,
    };
  }

  /**
   * Makes a name an alias of a store, so that later events are its own, and gives it those of the past. Done again it
   * goes on where it was cut off.
   *
   * @throws Problem 404 when there is no such store, 409 when the name leads to another one, 503.
   */
  async link(name: string, storeId: string): Promise<LinkedNameView> {
    const aliasAdded = await this.stores.addAlias(storeId, name);
    const { complete, ...moved } = await this.linkKnown(
      foldName(name.trim()),
      performance.now() + PATIENCE_MS,
    );
    this.logger.log(
      `'${name}' stands for the store '${storeId}': ${moved.linked} events of the past are its own now`,
    );
    return { name, store_id: storeId, alias_added: aliasAdded, ...moved, complete };
  }

  /**
   * Gives events to the stores that have their names by now.
   *
   * @param folded only those of this name; null: of all.
   * @param until on the clock of `performance`.
   */
  async linkKnown(folded: string | null, until: number): Promise<MovedEvents & { complete: boolean }> {
    await this.mover.awaitStoring();
    const all = { linked: 0, repeated: 0, conflicts: 0, complete: true };
    for (let after = '', more = true; more; ) {
      const names = await this.names.spellings(folded, after, SPELLINGS_AT_ONCE);
      const known = await withConnection(this.dataSource, (client) => resolveStores(client, names));
      for (const name of known.keys())
        if (!(await this.moveAll(name, all, until))) return { ...all, complete: false };
      more = names.length === SPELLINGS_AT_ONCE;
      after = names.at(-1) ?? after;
    }
    return all;
  }

  /** @returns false when the time was over before all were moved. */
  private async moveAll(name: string, all: MovedEvents, until: number): Promise<boolean> {
    while (performance.now() < until) {
      const moved = await this.mover.move(name);
      if (moved === null) return true;
      all.linked += moved.linked;
      all.repeated += moved.repeated;
      all.conflicts += moved.conflicts;
    }
    return false;
  }
}

function nameOf(cursor: string): string {
  const name = placeOfCursor(cursor);
  if (name === null || /[\p{Cc}\p{Cs}]/u.test(name)) throw badCursor();
  return name;
}
