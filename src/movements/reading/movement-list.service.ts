import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { withConnection } from '../../platform/database/connection.js';
import { badCursor, cursorOf, placeOfCursor } from '../../platform/http/cursor.js';
import { parseInstantUs } from '../../platform/instant.js';
import { invalid } from '../../stores/invalid.js';
import { UserIds } from '../privacy/user-ids.js';
import type { ListMovementsDto } from './movement-list.dto.js';
import {
  countMovements,
  type MovementFilter,
  type MovementPlace,
  readMovementPage,
  readMovements,
} from './movement-list.reader.js';
import { type MovementListView, type MovementView, movementView } from './movement-list.view.js';

/** Some events by number, and how many there are. */
export interface MovementPage {
  events: MovementView[];
  /** An estimate, where they are many. */
  total: number;
}

/** Shows the events that are stored. */
@Injectable()
export class MovementListService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly userIds: UserIds,
  ) {}

  /** @throws Problem 400 for a cursor that is none, or a time that ends before it begins. */
  async list(query: ListMovementsDto): Promise<MovementListView> {
    const after = query.cursor === undefined ? null : placeOf(query.cursor);
    const filter = this.filterOf(query);
    const events = await withConnection(this.dataSource, (client) =>
      readMovements(client, filter, after, query.limit + 1),
    );
    const shown = events.slice(0, query.limit);
    const last = events.length > query.limit ? shown.at(-1) : undefined;
    return {
      data: shown.map(movementView),
      next_cursor: last
        ? cursorOf(JSON.stringify([last.atUs, last.storeKey, last.eventId, last.unmappedName]))
        : null,
    };
  }

  /** @param page counted from 1. */
  page(page: number, size: number): Promise<MovementPage> {
    return withConnection(this.dataSource, async (client) => {
      const skip = (page - 1) * size;
      const events = await readMovementPage(client, skip, size);
      const shown = events.length === 0 ? 0 : skip + events.length;
      return { events: events.map(movementView), total: Math.max(await countMovements(client), shown) };
    });
  }

  private filterOf(query: ListMovementsDto): MovementFilter {
    const fromUs = query.from === undefined ? null : parseInstantUs(query.from);
    const toUs = query.to === undefined ? null : parseInstantUs(query.to);
    if (fromUs !== null && toUs !== null && fromUs >= toUs)
      throw invalid(
        '/to',
        'to has to lie after from: events from the one up to, and without, the other are listed.',
      );
    return {
      store: query.store ?? null,
      userIds: query.user_id === undefined ? null : [...this.userIds.person(query.user_id).ids],
      trackId: query.track_id === undefined ? null : trackOf(query.track_id),
      cameraId: query.camera_id ?? null,
      fromUs,
      toUs,
    };
  }
}

function placeOf(cursor: string): MovementPlace {
  try {
    const place = JSON.parse(placeOfCursor(cursor) ?? '') as unknown;
    if (Array.isArray(place) && place.length === 4) {
      const [atUs, storeKey, eventId, unmappedName] = place as unknown[];
      if (Number.isSafeInteger(atUs) && isKey(storeKey) && isText(eventId) && isText(unmappedName))
        return { atUs: atUs as number, storeKey, eventId, unmappedName };
    }
  } catch {
    // No cursor of ours; said below.
  }
  throw badCursor();
}

function trackOf(text: string): number {
  const track = Number(text);
  if (Number.isSafeInteger(track)) return track;
  throw invalid('/track_id', 'track_id has to be a whole number from -9007199254740991 to 9007199254740991.');
}

function isKey(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
}

/** Such as the database takes. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/[\0\p{Cs}]/u.test(value);
}
