import fc from 'fast-check';
import type { JsonObject } from '../../platform/json-object.js';
import type { Problem } from '../../platform/problem.js';
import { Findings } from '../../stores/invalid.js';
import type { MappingContent } from '../mapping-content.js';
import { EMPTY_CONTENT, parseContent } from './content.parser.js';
import { presentContent } from './content.view.js';
import { presentEarlierForm } from './earlier-form.view.js';
import { BodyMembers } from './members.js';

const TRIANGLE = [
  [0, 0],
  [0.5, 0],
  [0.5, 0.5],
];

function parse(body: unknown, before: MappingContent = EMPTY_CONTENT): MappingContent {
  const findings = new Findings();
  const given = JSON.parse(JSON.stringify(body)) as JsonObject;
  const content = parseContent(new BodyMembers(given, '', findings), before, findings);
  findings.refuse();
  return content;
}

function problemsOf(body: unknown): string[] {
  try {
    parse(body);
    return [];
  } catch (error) {
    return (error as Problem).errors.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

describe('a layout', () => {
  it('is the same again when it is shown and sent back', () => {
    const content = parse({
      zones: [{ key: 'a', polygon: TRIANGLE, kind: 'queue', capacity: 3, note: { x: [1] } }],
      lines: [{ key: 'l', from: [0, 0], to: [1, 1], anchor: 'center' }],
      cameras: [{ key: 'c', frame: { w: 4, h: 3, fps: 25 }, name: 'Door' }],
      more: true,
    });
    expect(parse(presentContent(content))).toEqual(content);
    expect(parse({}, content)).toEqual(content);
  });

  it('replaces a list that is given, and keeps those that are not', () => {
    const before = parse({
      zones: [{ key: 'a', polygon: TRIANGLE }],
      lines: [{ key: 'l', from: [0, 0], to: [1, 1] }],
      x: 1,
    });
    const after = parse({ zones: null, y: 2 }, before);
    expect(after).toEqual({ ...before, zones: [], data: { x: 1, y: 2 } });
    expect(parse({ data: { z: 3 } }, before).data).toEqual({ z: 3 });
  });

  it.each<[string, unknown, string]>([
    ['a list that is none', { zones: {} }, '/zones bad_zones'],
    ['more than a thousand zones', { zones: Array.from({ length: 1001 }, () => ({})) }, '/zones bad_zones'],
    [
      'more corners than can be compared',
      {
        zones: Array.from({ length: 101 }, (_, place) => ({
          key: `${place}`,
          polygon: Array.from({ length: 500 }, () => [0, 0]),
        })),
      },
      '/zones too_many_corners',
    ],
    ['a zone without a key', { zones: [{ polygon: TRIANGLE }] }, '/zones/0/key bad_key'],
    [
      'a key with white space around it',
      { lines: [{ key: ' a', from: [0, 0], to: [1, 1] }] },
      '/lines/0/key bad_key',
    ],
    ['a zone without a polygon', { zones: [{ key: 'a' }] }, '/zones/0/polygon bad_points'],
    [
      'a point of three numbers',
      { zones: [{ key: 'a', polygon: [[0, 0, 0]] }] },
      '/zones/0/polygon bad_point',
    ],
    ['a point of text', { zones: [{ key: 'a', polygon: [['0', 0]] }] }, '/zones/0/polygon bad_point'],
    ['data that is none', { data: [] }, '/data bad_data'],
    ['a member that stands in data too', { data: { x: 1 }, x: 2 }, '/x given_twice'],
    ['a camera twice', { cameras: [{ key: 'c' }, { key: 'c' }] }, '/cameras/1/key key_twice'],
    ['a frame that is none', { cameras: [{ key: 'c', frame: [1, 2] }] }, '/cameras/0/frame bad_frame'],
    [
      'a calibration that is none',
      { cameras: [{ key: 'c', calibration: 'yes' }] },
      '/cameras/0/calibration bad_calibration',
    ],
  ])('is refused for %s', (_, body, problem) => {
    expect(problemsOf(body)).toEqual([problem]);
  });

  it('takes members of any name without taking them for its own', () => {
    const body = JSON.parse(
      `{"zones":[{"key":"constructor","polygon":[[0,0],[1,0],[1,1]],"__proto__":{"polluted":1}}],
        "cameras":[{"key":"__proto__"}],"__proto__":{"polluted":1},"toString":1}`,
    );
    const findings = new Findings();
    const content = parseContent(new BodyMembers(body, '', findings), EMPTY_CONTENT, findings);
    findings.refuse();
    expect(Object.keys(content.data).toSorted()).toEqual(['__proto__', 'toString']);
    expect(Object.keys(content.zones[0]!.data!)).toEqual(['__proto__']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(content.data)).toBe(Object.prototype);
  });

  describe('in the form of the earlier system', () => {
    const GIVEN = {
      stores: { A: { zones: { z: { points: TRIANGLE, type: 'queue' } }, size: 3 } },
      cameras: ['c'],
    };

    it('is shown as it was given as long as it says what holds', () => {
      expect(presentEarlierForm(parse({ mapping_data: GIVEN }))).toEqual(GIVEN);
    });

    it('says what was changed since, beside all that was given, and reads as the same layout', () => {
      const before = parse({ mapping_data: GIVEN });
      const changed = parse({ zones: [{ key: 'new', polygon: TRIANGLE, capacity: 4 }] }, before);
      const shown = presentEarlierForm(changed);
      expect(shown).toMatchObject({
        stores: { A: { size: 3 } },
        zones: [{ key: 'new' }],
        cameras: { c: {} },
      });
      const { zones, lines, cameras } = parse({ mapping_data: shown });
      expect({ zones, lines, cameras }).toEqual({
        zones: changed.zones,
        lines: changed.lines,
        cameras: changed.cameras,
      });
    });

    it('can be any JSON, and is kept as it is', () => {
      fc.assert(
        fc.property(
          fc.dictionary(
            fc.constantFrom('stores', 'cameras', 'calibration', 'zones', 'lines'),
            fc.jsonValue(),
          ),
          (given) => {
            const plain = JSON.parse(JSON.stringify(given)) as unknown;
            expect(parse({ mapping_data: given }).data['mapping_data']).toEqual(plain);
          },
        ),
      );
    });
  });
});
