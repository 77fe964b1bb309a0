import { isObject, type JsonObject } from '../../platform/json-object.js';
import type { Calibration, Camera, Line, Zone } from '../mapping-content.js';
import {
  calibrationIn,
  cameraIn,
  cornersOf,
  first,
  lineIn,
  type NamedPart,
  Unreadable,
  zoneIn,
} from './earlier-form.shapes.js';
import { below, LONGEST_SHOWN, MOST_CORNERS, MOST_PARTS } from './members.js';
import { isKey } from './zone.parser.js';

/** Of a list so many are looked at, good or bad: each is compared with every form that is known. */
const MOST_LOOKED_AT = 2 * MOST_PARTS;

type ListName = 'zones' | 'lines' | 'cameras';

/** A part of such a layout that says nothing to us. It is kept with the rest. */
export interface UnreadPart {
  readonly kind: ListName | 'stores' | 'calibration';
  /** The key that it would have, or as it is named there. */
  readonly name: string;
  /** Steps from the layout to it, as an RFC 6901 pointer. */
  readonly where: string;
  /** A sentence. */
  readonly why: string;
}

/** What could be read of a layout of the earlier system. */
export interface EarlierLayout {
  readonly zones: Zone[];
  readonly lines: Line[];
  readonly cameras: Camera[];
  /** What could not: no part of one of the lists vanishes without being here. */
  readonly unread: readonly UnreadPart[];
}

/** A part of such a layout: the name it stands under, and in which store's part. */
interface Part extends NamedPart {
  readonly store: string | null;
  readonly where: string;
}

/** One layout is read for what it says, for what it does not, and for its tag. */
const known = new WeakMap<JsonObject, EarlierLayout>();

/**
 * Reads what can be read of a layout whose form nobody laid down: zones and lines at its top or within its stores, as
 * lists or under their names, cameras, and their calibration. The rest is told and passed over; nothing is refused,
 * since the whole is kept as it was given. What two stores call the same goes by the store's name too.
 */
export function readEarlierForm(given: JsonObject): EarlierLayout {
  const layout = known.get(given) ?? new EarlierForm(given).read();
  known.set(given, layout);
  return layout;
}

class EarlierForm {
  private readonly unread: UnreadPart[] = [];

  constructor(private readonly given: JsonObject) {}

  read(): EarlierLayout {
    const stores = this.entriesOf('stores', this.given['stores'], '/stores');
    for (const { key, where, value } of stores)
      if (Array.isArray(value))
        this.tell('stores', key, where, 'A store is an object, with zones, lines or cameras in it.');
    const calibrations = this.calibrations();
    const listed = this.partsOf('cameras', stores);
    const names = new Set(listed.map(({ key }) => key));
    const unlisted = [...calibrations.keys()]
      .filter((key) => !names.has(key))
      .map((key): Part => ({ key, store: null, value: {}, where: below('/calibration', key) }));
    for (const camera of listed.slice(0, MOST_LOOKED_AT)) this.lookInto(camera);
    let corners = 0;
    return {
      zones: this.unique('zones', this.partsOf('zones', stores), (part) => {
        corners += cornersOf(part.value);
        return corners > MOST_CORNERS
          ? new Unreadable(`With it the zones have more than ${MOST_CORNERS} corners together.`)
          : zoneIn(part);
      }),
      lines: this.unique('lines', this.partsOf('lines', stores), lineIn),
      cameras: this.unique('cameras', [...listed, ...unlisted], (part) =>
        cameraIn(part, calibrations.get(part.key) ?? null),
      ),
      unread: this.unread,
    };
  }

  private calibrations(): Map<string, Calibration | null> {
    const parts = this.entriesOf('calibration', this.given['calibration'], '/calibration');
    for (const { key, where } of parts.slice(MOST_PARTS))
      this.tell('calibration', key, where, `Only ${MOST_PARTS} calibrations are taken.`);
    return new Map(
      parts.slice(0, MOST_PARTS).map(({ key, value, where }) => [key, this.calibration(key, value, where)]),
    );
  }

  private calibration(camera: string, value: unknown, where: string): Calibration | null {
    const found = calibrationIn(value);
    if (!(found instanceof Unreadable)) return found;
    this.tell('calibration', camera, where, found.why);
    return null;
  }

  /** Tells what a camera holds that is not read there. */
  private lookInto({ key, value, where }: Part): void {
    if (!isObject(value)) return;
    this.calibration(key, value['calibration'], below(where, 'calibration'));
    for (const kind of ['zones', 'lines'] as const)
      if (Object.keys((value[kind] as object | undefined | null) ?? {}).length > 0)
        this.tell(
          kind,
          key,
          below(where, kind),
          `The ${kind} of a camera lie in its image; only those of the plan are read.`,
        );
  }

  private partsOf(kind: ListName, stores: readonly Part[]): Part[] {
    const within = stores.flatMap(({ key: store, value, where }) =>
      isObject(value) ? this.entriesOf(kind, value[kind], below(where, kind), store) : [],
    );
    return [...this.entriesOf(kind, this.given[kind], `/${kind}`), ...within];
  }

  /** Of a list those items that say how they are called, or that are a name; of an object all members. */
  private entriesOf(
    kind: UnreadPart['kind'],
    container: unknown,
    where: string,
    store: string | null = null,
  ): Part[] {
    if (container === undefined || container === null) return [];
    if (typeof container !== 'object') {
      this.tell(kind, kind, where, 'It is neither a list nor an object.');
      return [];
    }
    const entries: [name: unknown, step: string | number, value: unknown][] = Array.isArray(container)
      ? container.map((item: unknown, place) => [calledIn(item, place), place, item])
      : Object.entries(container).map(([name, value]) => [name, name, value]);
    return entries.flatMap(([name, step, value]) => {
      const key = typeof name === 'string' ? name.trim() : name;
      if (isKey(key)) return [{ key, store, value, where: below(where, step) }];
      const why = 'Its name is none: that is text of 1 to 100 characters, without control characters.';
      this.tell(kind, typeof name === 'string' ? name : String(step), below(where, step), why);
      return [];
    });
  }

  /** Reads each part under a key that no other has. */
  private unique<T extends { readonly key: string }>(
    kind: ListName,
    parts: readonly Part[],
    read: (part: Part) => T | Unreadable,
  ): T[] {
    const names = new Map<string, number>();
    for (const { key } of parts) names.set(key, (names.get(key) ?? 0) + 1);
    const taken = new Map<string, T>();
    const keep = (part: Part, key: string, place: number): string | null => {
      if (!isKey(key)) return "With the store's name, its own is longer than 100 characters.";
      if (taken.has(key)) return `Another of ${kind} has the name already.`;
      if (taken.size === MOST_PARTS || place >= MOST_LOOKED_AT)
        return `Only ${MOST_PARTS} ${kind} are taken.`;
      const found = read(part);
      if (found instanceof Unreadable) return found.why;
      taken.set(key, { ...found, key });
      return null;
    };
    for (const [place, part] of parts.entries()) {
      const shared = names.get(part.key)! > 1 && part.store !== null;
      const key = shared ? `${part.store}/${part.key}` : part.key;
      const why = keep(part, key, place);
      if (why !== null) this.tell(kind, key, part.where, why);
    }
    return [...taken.values()];
  }

  private tell(kind: UnreadPart['kind'], name: string, where: string, why: string): void {
    this.unread.push({ kind, name: name.slice(0, LONGEST_SHOWN), where, why });
  }
}

function calledIn(item: unknown, place: number): unknown {
  if (typeof item === 'string') return item;
  const name = first(item, ['key', 'id', 'zone_id', 'line_id', 'camera_id', 'store', 'name']);
  return typeof name === 'number' ? String(name) : (name ?? String(place + 1));
}
