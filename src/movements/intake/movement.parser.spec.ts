import fc from 'fast-check';
import { DAY_US, formatInstantUs } from '../../platform/instant.js';
import { type MovementContext, parseMovement } from './movement.parser.js';

const NOW_US = Date.UTC(2026, 5, 15, 12) * 1_000;

const CONTEXT: MovementContext = {
  receivedUs: NOW_US,
  nowUs: NOW_US,
  retentionDays: 30,
  hash: (userId) => `hash of ${userId}`,
  newId: () => 'made',
};

/** The example of the earlier system. */
const EXAMPLE = {
  user_id: 'USER123',
  track_id: 1,
  bbox: [100, 100, 200, 200],
  state: 'walking',
  store: 'Store A',
};

/** Pointer and code of each problem. */
function problemsOf(value: unknown): string[] {
  const read = parseMovement(value, CONTEXT);
  if (!('problems' in read)) return [];
  for (const { detail } of read.problems) expect(detail).toMatch(/^[A-Z].*\.$/s);
  return read.problems.map(({ pointer, code }) => `${pointer} ${code}`);
}

function eventOf(members: object): unknown {
  const read = parseMovement({ ...EXAMPLE, ...members }, CONTEXT);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.event;
}

describe('an event of a client', () => {
  it('needs five members and is given what it does not say', () => {
    expect(parseMovement(EXAMPLE, CONTEXT)).toEqual({
      event: {
        eventId: 'made',
        store: 'Store A',
        userId: 'hash of USER123',
        trackId: 1,
        cameraId: '',
        bbox: [100, 100, 200, 200],
        bboxFormat: 'xyxy',
        frame: null,
        state: 'walking',
        atUs: NOW_US,
        receivedUs: NOW_US,
        confidence: null,
        role: null,
      },
      dropped: [],
    });
  });

  it('may say all there is', () => {
    const members = {
      event_id: 'door-1/000017',
      timestamp: '2026-06-14T10:00:00.123456+02:00',
      camera_id: 'door',
      frame: { w: 1920, h: 1080 },
      bbox_format: 'norm',
      bbox: [0, 0.25, 1, 1],
      confidence: 0.875,
      role: 'staff',
      track_id: -9_007_199_254_740_991,
    };
    expect(eventOf(members)).toEqual({
      eventId: 'door-1/000017',
      store: 'Store A',
      userId: 'hash of USER123',
      trackId: -9_007_199_254_740_991,
      cameraId: 'door',
      bbox: [0, 0.25, 1, 1],
      bboxFormat: 'norm',
      frame: { w: 1920, h: 1080 },
      state: 'walking',
      atUs: Date.UTC(2026, 5, 14, 8) * 1_000 + 123_456,
      receivedUs: NOW_US,
      confidence: 0.875,
      role: 'staff',
    });
  });

  it('says nothing by null, and nothing by an empty camera', () => {
    const nothing = {
      event_id: null,
      timestamp: null,
      frame: null,
      confidence: null,
      role: null,
      bbox_format: null,
    };
    expect(eventOf({ ...nothing, camera_id: '' })).toEqual(eventOf({}));
    expect(problemsOf({ ...EXAMPLE, user_id: null })).toEqual(['/user_id user_id_missing']);
  });

  it('loses members that are not known, and tells of them', () => {
    const value = JSON.parse(
      JSON.stringify({ ...EXAMPLE, faces: ['…'], frame: { w: 1, h: 1, image: 'x' } }).replace(
        '{',
        '{"__proto__": {"store": "other"}, "constructor": 1, ',
      ),
    ) as unknown;
    const read = parseMovement(value, CONTEXT);
    expect(read).toMatchObject({ dropped: ['__proto__', 'constructor', 'faces', 'frame.image'] });
    expect(JSON.stringify(read)).not.toMatch(/other|…/);
  });

  it('has one zero', () => {
    const { bbox, trackId, confidence } = eventOf({
      bbox: [-0, -0, 1, 1],
      track_id: -0,
      confidence: -0,
    }) as Record<string, unknown>;
    expect([...(bbox as number[]), trackId, confidence].some((number) => Object.is(number, -0))).toBe(false);
  });

  it('may be as long as its members may be, counted in characters', () => {
    const members = {
      user_id: '😀'.repeat(256),
      store: '😀'.repeat(200),
      camera_id: '😀'.repeat(64),
      state: '😀'.repeat(32),
      event_id: 'e'.repeat(64),
    };
    expect(problemsOf({ ...EXAMPLE, ...members })).toEqual([]);
  });

  it.each([
    ['a day ahead', NOW_US + DAY_US],
    ['as old as events are kept', NOW_US - 30 * DAY_US],
  ])('may lie %s', (_, atUs) => {
    expect(eventOf({ timestamp: formatInstantUs(atUs) })).toMatchObject({ atUs });
  });

  it('may be written in lower case', () => {
    const text = formatInstantUs(NOW_US).toLowerCase();
    expect(eventOf({ timestamp: text })).toMatchObject({ atUs: NOW_US });
  });
});

describe('a bad event', () => {
  it('is told of all that is wrong at once', () => {
    expect(problemsOf({})).toEqual([
      '/user_id user_id_missing',
      '/store store_missing',
      '/track_id track_id_missing',
      '/bbox bbox_missing',
      '/state state_missing',
    ]);
    expect(problemsOf({ ...EXAMPLE, user_id: '', track_id: 1.5, state: 'x'.repeat(33) })).toEqual([
      '/user_id user_id_empty',
      '/track_id bad_track_id',
      '/state state_too_long',
    ]);
  });

  it.each([[null], [[]], ['text'], [1], [true], [[EXAMPLE]]])('is %j', (value) => {
    expect(problemsOf(value)).toEqual([' not_an_object']);
  });

  const long = (characters: number): string => 'x'.repeat(characters);

  it.each([
    ['user_id', 12345, 'user_id_number'],
    ['user_id', true, 'not_text'],
    ['user_id', {}, 'not_text'],
    ['user_id', ['a'], 'not_text'],
    ['user_id', '  ', 'user_id_empty'],
    ['user_id', long(257), 'user_id_too_long'],
    ['user_id', '😀'.repeat(257), 'user_id_too_long'],
    ['user_id', 'a\u0000b', 'control_character'],
    ['user_id', '\ud800', 'bad_encoding'],
    ['store', 7, 'store_number'],
    ['store', '', 'store_empty'],
    ['store', long(201), 'store_too_long'],
    ['store', 'a\nb', 'control_character'],
    ['store', 'a\udc00', 'bad_encoding'],
    ['store', 'Caf\ufffd', 'bad_encoding'],
    ['camera_id', 3, 'camera_id_number'],
    ['camera_id', long(65), 'camera_id_too_long'],
    ['camera_id', 'a\u0007', 'control_character'],
    ['event_id', 8419537941919820, 'event_id_number'],
    ['event_id', '', 'bad_event_id'],
    ['event_id', 'a b', 'bad_event_id'],
    ['event_id', long(65), 'bad_event_id'],
    ['event_id', 'a\u0000', 'bad_event_id'],
    ['event_id', '\ud800', 'bad_event_id'],
    ['event_id', {}, 'bad_event_id'],
    ['track_id', '1', 'bad_track_id'],
    ['track_id', 2 ** 53, 'bad_track_id'],
    ['track_id', Infinity, 'bad_track_id'],
    ['track_id', true, 'bad_track_id'],
    ['state', 5, 'not_text'],
    ['state', ' ', 'state_empty'],
    ['state', long(33), 'state_too_long'],
    ['state', 'wal\u0000king', 'control_character'],
    ['bbox', 'none', 'bad_bbox'],
    ['bbox', {}, 'bad_bbox'],
    ['bbox', [1, 2, 3], 'bad_bbox'],
    ['bbox', [1, 2, 3, 4, 5], 'bad_bbox'],
    ['bbox', [1, 2, 3, '4'], 'bad_bbox'],
    ['bbox', [1, 2, 3, null], 'bad_bbox'],
    ['bbox', [1, 2, 3, Infinity], 'bad_bbox'],
    ['bbox', [0, 0, 1_000_001, 5], 'bbox_out_of_range'],
    ['bbox', [-1e300, 0, 1, 5], 'bbox_out_of_range'],
    ['bbox', [5, 0, 5, 5], 'bbox_no_area'],
    ['bbox', [0, 5, 5, 5], 'bbox_no_area'],
    ['bbox', [5, 0, 4, 5], 'bbox_reversed'],
    ['bbox', [0, 5, 5, 4], 'bbox_reversed'],
    ['bbox', [5, 5, 4, 4], 'bbox_reversed'],
    ['bbox_format', 'XYXY', 'bad_bbox_format'],
    ['bbox_format', 4, 'bad_bbox_format'],
    ['bbox_format', 'toString', 'bad_bbox_format'],
    ['timestamp', 1_750_000_000, 'not_text'],
    ['timestamp', '', 'bad_timestamp'],
    ['timestamp', 'yesterday', 'bad_timestamp'],
    ['timestamp', '2026-06-15', 'bad_timestamp'],
    ['timestamp', '2026-02-30T00:00:00Z', 'bad_timestamp'],
    ['timestamp', '2026-06-15T12:00:00.1234567Z', 'bad_timestamp'],
    ['timestamp', '2026-06-15T12:00:00', 'timestamp_without_zone'],
    ['timestamp', '2026-06-16T12:00:00.000001Z', 'timestamp_in_future'],
    ['timestamp', '2999-01-01T00:00:00Z', 'timestamp_in_future'],
    ['timestamp', '2999-01-01T00:00:00', 'timestamp_without_zone'],
    ['timestamp', '2026-05-16T11:59:59.999999Z', 'timestamp_too_old'],
    ['timestamp', '1969-12-31T23:59:59Z', 'timestamp_too_old'],
    ['frame', [], 'bad_frame'],
    ['frame', 'HD', 'bad_frame'],
    ['frame', { w: 1920 }, 'bad_frame'],
    ['frame', { w: 0, h: 1 }, 'bad_frame'],
    ['frame', { w: 1.5, h: 1 }, 'bad_frame'],
    ['frame', { w: 100_001, h: 1 }, 'bad_frame'],
    ['frame', { w: '1', h: 1 }, 'bad_frame'],
    ['confidence', '1', 'bad_confidence'],
    ['confidence', 1.01, 'bad_confidence'],
    ['confidence', -0.1, 'bad_confidence'],
    ['confidence', Infinity, 'bad_confidence'],
    ['role', 'Staff', 'bad_role'],
    ['role', 1, 'bad_role'],
  ])('has %s %j (%s)', (member, value, code) => {
    expect(problemsOf({ ...EXAMPLE, [member]: value })).toEqual([`/${member} ${code}`]);
  });

  it.each([
    ['xywh', [5, 5, 0, 1], 'bbox_no_area'],
    ['xywh', [5, 5, 1, -1], 'bbox_reversed'],
    ['norm', [0, 0, 1.000001, 1], 'bbox_out_of_range'],
    ['norm', [-0.000001, 0, 1, 1], 'bbox_out_of_range'],
    ['norm', [0.5, 0.5, 0.5, 1], 'bbox_no_area'],
    ['norm', [0.6, 0.5, 0.5, 1], 'bbox_reversed'],
  ])('has a box that is none in the format %s: %j', (bbox_format, bbox, code) => {
    expect(problemsOf({ ...EXAMPLE, bbox_format, bbox })).toEqual([`/bbox ${code}`]);
  });
});

describe('any JSON at all', () => {
  const members = fc.record(
    {
      user_id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      track_id: fc.oneof(fc.integer(), fc.double(), fc.jsonValue()),
      bbox: fc.oneof(fc.array(fc.double(), { minLength: 4, maxLength: 4 }), fc.jsonValue()),
      bbox_format: fc.constantFrom('xyxy', 'xywh', 'norm', 'other', null),
      state: fc.oneof(fc.string(), fc.jsonValue()),
      store: fc.oneof(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      event_id: fc.oneof(fc.string(), fc.jsonValue()),
      camera_id: fc.oneof(fc.string(), fc.jsonValue()),
      timestamp: fc.oneof(
        fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
        fc.jsonValue(),
      ),
      confidence: fc.oneof(fc.double(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );

  it('is an event that can be kept, or is told what is wrong with it', () => {
    fc.assert(
      fc.property(fc.oneof(members, fc.jsonValue()), (value) => {
        const read = parseMovement(value, CONTEXT);
        if ('problems' in read) {
          expect(read.problems.length).toBeGreaterThan(0);
          return;
        }
        const { event } = read;
        expect(JSON.parse(JSON.stringify(event))).toEqual(event);
        for (const text of Object.values(event).filter((member) => typeof member === 'string'))
          expect(text).not.toMatch(/[\0\p{Surrogate}]/u);
        expect(event.bbox.every(Number.isFinite)).toBe(true);
        expect(event.atUs).toBeLessThanOrEqual(NOW_US + DAY_US);
      }),
      { numRuns: 2_000 },
    );
  });
});
