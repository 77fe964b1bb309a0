import { ApiProperty } from '@nestjs/swagger';
import { formatInstantUs } from '../platform/instant.js';
import { formatDate } from '../platform/wall-time.js';
import { type BusinessState, businessStateOf, type StoreState, type StoreToday } from './store-state.js';

/** Who said which zone a store is in. */
export type ZoneSource = 'file' | 'default' | 'edited';

/** A zone, and from when on the store's clocks show it. */
export class ZoneVersionView {
  zone: string;
  zone_source: ZoneSource;
  /** Local date; null: before the first change. */
  @ApiProperty({ type: String, format: 'date', nullable: true })
  effective_from: string | null;
  when: 'past' | 'in_force' | 'to_come';
}

export class StoreLinksView {
  self: string;
  hours: string;
  exceptions: string;
}

/** A store as the interface shows it. */
export class StoreView {
  store_id: string;
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  aliases: string[];
  /** What its clocks show now. */
  zone: string;
  zone_source: ZoneSource;
  /** All zones that it has, had or will have, in order of time. */
  zones: ZoneVersionView[];
  /** `active`: today's local date is one of business. */
  state: BusinessState;
  /** Today's date by its clock. */
  local_date: string;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  active_from: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  active_until: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  archived_at: string | null;
  /** Null: never polled. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  first_poll: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  last_poll: string | null;
  /** False: no hours are known for today, so it counts as open around the clock. */
  hours_known: boolean;
  /** Rows of hours came in a file and every one was rejected. */
  hours_rejected: boolean;
  links: StoreLinksView;
}

export class StoreListView {
  data: StoreView[];
  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}

export function presentStore(store: StoreState, today: StoreToday): StoreView {
  const self = storeLink(store.id);
  return {
    store_id: store.id,
    name: store.name,
    aliases: [...store.aliases],
    zone: today.zone,
    zone_source: zoneSourceOf(store, today),
    zones: zonesOf(store, today),
    state: businessStateOf(store, today.date),
    local_date: formatDate(today.date),
    active_from: dateOrNull(store.activeFrom),
    active_until: dateOrNull(store.activeUntil),
    archived_at: store.archivedAt?.toISOString() ?? null,
    first_poll: store.firstPollUs === null ? null : formatInstantUs(store.firstPollUs),
    last_poll: store.lastPollUs === null ? null : formatInstantUs(store.lastPollUs),
    hours_known: store.hours !== null || store.hoursChanges.some(({ fromDate }) => fromDate <= today.date),
    hours_rejected: store.hoursRejected,
    links: { self, hours: `${self}/hours`, exceptions: `${self}/exceptions` },
  };
}

/** What of a store an edit of it would overwrite. */
export function editableOf(store: StoreState): unknown {
  const { id, zone, zoneSource, zoneChanges, name, aliases, activeFrom, activeUntil, archivedAt } = store;
  const changes = zoneChanges.map((change) => [change.fromDate, change.zone]);
  return [id, zone, zoneSource, changes, name, aliases, activeFrom, activeUntil, archivedAt];
}

export function storeLink(id: string): string {
  return `/api/v1/stores/${encodeURIComponent(id)}`;
}

export function dateOrNull(date: number | null): string | null {
  return date === null ? null : formatDate(date);
}

/** Who said which zone the store is in. */
export function zoneSourceOf(store: StoreState, today: StoreToday): ZoneSource {
  return today.change >= 0 ? 'edited' : sourceOf(store);
}

function sourceOf({ zone, zoneSource }: StoreState): ZoneSource {
  return zone === null ? 'default' : (zoneSource ?? 'file');
}

function zonesOf(store: StoreState, today: StoreToday): ZoneVersionView[] {
  const when = (place: number): ZoneVersionView['when'] =>
    place === today.change ? 'in_force' : place < today.change ? 'past' : 'to_come';
  return [
    {
      zone: store.zone ?? today.defaultZone,
      zone_source: sourceOf(store),
      effective_from: null,
      when: when(-1),
    },
    ...store.zoneChanges.map(({ fromDate, zone }, place) => ({
      zone,
      zone_source: 'edited' as const,
      effective_from: formatDate(fromDate),
      when: when(place),
    })),
  ];
}
