import { DAY_US, parseAnyInstantUs } from '../../platform/instant.js';
import { isObject } from '../../platform/json-object.js';
import type { ProblemEntry } from '../../platform/problem.js';
import { BBOX_FORMATS, type Frame, type MovementEvent, ROLES } from '../movement-event.js';
import { bboxOf, bboxProblems } from './bbox.js';
import { kindOf, Members, quoted } from './members.js';

/** What an event is given that it does not say itself. */
export interface MovementContext {
  readonly receivedUs: number;
  readonly nowUs: number;
  /** Older events would be removed again. */
  readonly retentionDays: number;
  /** A person's id as it is kept. */
  hash(userId: string): string;
  /** An id for an event that has none. */
  newId(): string;
}

/** An event, and the names of members that are not known; or everything that is wrong with it, by pointers within it. */
export type ParsedMovement =
  | { readonly event: MovementEvent; readonly dropped: readonly string[] }
  | { readonly problems: readonly ProblemEntry[] };

const USER_ID = { most: 256, id: true } as const;
const STORE = { most: 200, id: true } as const;
const CAMERA_ID = { most: 64, id: true } as const;
const STATE = { most: 32 } as const;
const EVENT_ID_LENGTH = 64;
const EVENT_ID = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u;
const MOST_PIXELS = 100_000;

const KNOWN: ReadonlySet<string> = new Set([
  'event_id',
  'user_id',
  'track_id',
  'bbox',
  'bbox_format',
  'state',
  'store',
  'timestamp',
  'camera_id',
  'frame',
  'confidence',
  'role',
]);
const KNOWN_OF_FRAME: ReadonlySet<string> = new Set(['w', 'h']);

/**
 * Checks one event as clients send it, and makes of it what is kept. Members that are not known, such as images of
 * people, are left out. Pure but for what the context does.
 *
 * @param value what JSON.parse gives.
 * @throws what the context's functions throw.
 */
export function parseMovement(value: unknown, context: MovementContext): ParsedMovement {
  if (!isObject(value)) {
    const detail =
      `An event has to be an object, and this is ${kindOf(value)}: ` +
      '{"user_id": "…", "track_id": 1, "bbox": [x1, y1, x2, y2], "state": "walking", "store": "…"}.';
    return { problems: [{ pointer: '', code: 'not_an_object', detail }] };
  }
  const members = new Members(value);
  const eventId = eventIdOf(members);
  const userId = members.text('user_id', USER_ID);
  const store = members.text('store', STORE).trim();
  if (store.includes('\ufffd'))
    members.tell('store', 'bad_encoding', 'The store holds the mark of a character that was lost (U+FFFD).');
  const trackId = trackIdOf(members);
  const bboxFormat = members.word('bbox_format', BBOX_FORMATS);
  const bbox = members.get('bbox');
  members.problems.push(...bboxProblems(bbox, bboxFormat));
  const state = members.text('state', STATE);
  const atUs = instantOf(members, context);
  const cameraId = members.optionalText('camera_id', CAMERA_ID);
  const frame = frameOf(members);
  const confidence = confidenceOf(members);
  const role = members.optionalWord('role', ROLES);
  if (members.problems.length > 0) return { problems: members.problems };
  const event: MovementEvent = {
    eventId: eventId ?? context.newId(),
    store,
    userId: context.hash(userId),
    trackId,
    cameraId,
    bbox: bboxOf(bbox),
    bboxFormat,
    frame,
    state,
    atUs,
    receivedUs: context.receivedUs,
    confidence,
    role,
  };
  return { event, dropped: droppedOf(value) };
}

function eventIdOf(members: Members): string | null {
  const value = members.get('event_id');
  if (value === undefined) return null;
  if (typeof value === 'string' && value.length <= EVENT_ID_LENGTH && EVENT_ID.test(value)) return value;
  if (typeof value === 'number') members.optionalText('event_id', { most: EVENT_ID_LENGTH, id: true });
  else
    members.tell(
      'event_id',
      'bad_event_id',
      `The event_id has to be text of 1 to ${EVENT_ID_LENGTH} characters without spaces and control characters; left out, one is made.`,
    );
  return null;
}

function trackIdOf(members: Members): number {
  const value = members.get('track_id');
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  if (value === undefined) members.tell('track_id', 'track_id_missing', 'The track_id is missing.');
  else {
    const given = typeof value === 'number' ? String(value) : kindOf(value);
    const detail = `The track_id is ${given}. It has to be a whole number from -9007199254740991 to 9007199254740991, without quotes.`;
    members.tell('track_id', 'bad_track_id', detail);
  }
  return 0;
}

function instantOf(members: Members, { receivedUs, nowUs, retentionDays }: MovementContext): number {
  const value = members.get('timestamp');
  if (value === undefined) return receivedUs;
  if (typeof value !== 'string') {
    const detail = `The timestamp is ${kindOf(value)}. It has to be text such as "2026-01-22T12:09:39.388884Z"; left out, it is the time of arrival.`;
    members.tell('timestamp', 'not_text', detail);
    return 0;
  }
  const atUs = parseAnyInstantUs(value);
  if (atUs === null) tellUnreadable(members, value);
  else if (atUs > nowUs + DAY_US)
    members.tell(
      'timestamp',
      'timestamp_in_future',
      `The timestamp ${quoted(value)} lies more than a day ahead. At most a day is taken: look at the clock that made it.`,
    );
  else if (atUs < nowUs - retentionDays * DAY_US)
    members.tell(
      'timestamp',
      'timestamp_too_old',
      `The timestamp ${quoted(value)} lies more than ${retentionDays} days back. Single events are kept no longer (MOVEMENT_RETENTION_DAYS), so it would be removed at once.`,
    );
  return atUs ?? 0;
}

function tellUnreadable(members: Members, value: string): void {
  const hasNoZone = parseAnyInstantUs(`${value.trim()}Z`) !== null;
  members.tell(
    'timestamp',
    hasNoZone ? 'timestamp_without_zone' : 'bad_timestamp',
    hasNoZone
      ? `The timestamp ${quoted(value)} does not say in which zone it is. Put Z or an offset such as +01:00 behind it.`
      : `The timestamp ${quoted(value)} can't be read. It has to be an instant with its zone and at most six digits of a second, such as "2026-01-22T12:09:39.388884Z".`,
  );
}

function frameOf(members: Members): Frame | null {
  const value = members.get('frame');
  if (value === undefined) return null;
  if (isObject(value) && isPixels(value['w']) && isPixels(value['h']))
    return { w: value['w'], h: value['h'] };
  members.tell(
    'frame',
    'bad_frame',
    `The frame has to be {"w": 1920, "h": 1080}: the size of the image in whole pixels, from 1 to ${MOST_PIXELS}.`,
  );
  return null;
}

function isPixels(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_PIXELS;
}

function confidenceOf(members: Members): number | null {
  const value = members.get('confidence');
  if (value === undefined) return null;
  if (typeof value === 'number' && value >= 0 && value <= 1) return value + 0;
  members.tell('confidence', 'bad_confidence', 'The confidence has to be a number from 0 to 1.');
  return null;
}

function droppedOf(value: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(value).filter((name) => !KNOWN.has(name));
  const frame = value['frame'];
  if (!isObject(frame)) return names;
  const ofFrame = Object.keys(frame).filter((name) => !KNOWN_OF_FRAME.has(name));
  return [...names, ...ofFrame.map((name) => `frame.${name}`)];
}
