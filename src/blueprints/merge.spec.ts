import fc from 'fast-check';
import type { Line, MappingContent, Zone } from './mapping-content.js';
import { mergeContent } from './merge.js';
import { summarize } from './merge-summary.js';

function zone(key: string, more: Partial<Zone> = {}): Zone {
  return {
    key,
    name: key,
    kind: 'custom',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
    anchor: 'bottom_center',
    minPresenceMs: 1000,
    exitGraceMs: 2000,
    capacity: null,
    openEvidence: true,
    enabled: true,
    ...more,
  };
}

function content(zones: readonly Zone[], data: Record<string, unknown> = {}): MappingContent {
  return { zones, lines: [], cameras: [], data };
}

const merged = (base: Zone[], ours: Zone[], theirs: Zone[], preferred: 'ours' | 'theirs' = 'theirs') => {
  const { content: result, clashes } = mergeContent(content(base), content(ours), content(theirs), preferred);
  return { zones: result.zones, clashes };
};

describe('merging a layout', () => {
  it('takes from each side what it alone changed, member by member', () => {
    const { zones, clashes } = merged(
      [zone('a'), zone('b'), zone('c')],
      [zone('a', { name: 'Ours' }), zone('b'), zone('c'), zone('mine')],
      [zone('a', { kind: 'queue' }), zone('c'), zone('new')],
    );
    expect(clashes).toEqual([]);
    expect(zones).toEqual([zone('a', { name: 'Ours', kind: 'queue' }), zone('c'), zone('new'), zone('mine')]);
  });

  it('takes what both changed alike', () => {
    const both = [zone('a', { name: 'Same' }), zone('b')];
    expect(merged([zone('a')], both, both)).toEqual({ zones: both, clashes: [] });
  });

  it('tells where both changed one member, and prefers the side that is asked for', () => {
    const base = [zone('a')];
    const ours = [zone('a', { capacity: 1 })];
    const theirs = [zone('a', { capacity: 2, name: 'N' })];
    const told = [{ kind: 'zones', key: 'a', member: 'capacity', base: null, ours: 1, theirs: 2 }];
    expect(merged(base, ours, theirs)).toEqual({
      zones: [zone('a', { capacity: 2, name: 'N' })],
      clashes: told,
    });
    expect(merged(base, ours, theirs, 'ours').zones).toEqual([zone('a', { capacity: 1, name: 'N' })]);
  });

  it.each<['ours' | 'theirs', Zone[]]>([
    ['ours', []],
    ['theirs', [zone('a', { name: 'N' })]],
  ])('tells of a zone that one side removed and the other changed, and prefers %s', (preferred, zones) => {
    const result = merged([zone('a')], [], [zone('a', { name: 'N' })], preferred);
    expect(result.zones).toEqual(zones);
    expect(result.clashes).toMatchObject([{ key: 'a', member: null, ours: undefined }]);
  });

  it('finds a clash where both made a zone of one key without knowing of the other', () => {
    const { clashes } = merged([], [zone('a', { name: 'x' })], [zone('a', { name: 'y' })]);
    expect(clashes).toMatchObject([{ key: 'a', member: 'name', base: undefined }]);
  });

  it('keeps the ends of a line together', () => {
    const line = (fromX: number, toX: number, name = 'Door'): Line => ({
      key: 'door',
      name,
      from: [fromX, 0.5],
      to: [toX, 0.5],
      anchor: 'bottom_center',
      enabled: true,
    });
    const of = (one: Line): MappingContent => ({ zones: [], lines: [one], cameras: [], data: {} });
    const [base, ours, theirs] = [of(line(0.2, 0.8)), of(line(0.6, 0.8, 'Gate')), of(line(0.2, 0.6))];
    const { content: result, clashes } = mergeContent(base, ours, theirs, 'theirs');
    expect(result.lines).toEqual([line(0.2, 0.6, 'Gate')]);
    const ends = (one: MappingContent) => ({ from: one.lines[0]!.from, to: one.lines[0]!.to });
    expect(clashes).toEqual([
      {
        kind: 'lines',
        key: 'door',
        member: 'from, to',
        base: ends(base),
        ours: ends(ours),
        theirs: ends(theirs),
      },
    ]);
  });

  it('treats what nobody knows as a whole', () => {
    const { content: result, clashes } = mergeContent(
      content([], { a: 1, b: { x: 1 } }),
      content([], { a: 1, b: { x: 2 } }),
      content([], { b: { x: 1 }, c: 3 }),
      'theirs',
    );
    expect(clashes).toEqual([]);
    expect(result.data).toEqual({ b: { x: 2 }, c: 3 });
  });

  const someZone = fc
    .record({
      key: fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor'),
      name: fc.constantFrom('x', 'y', 'z'),
      capacity: fc.constantFrom(null, 1, 2),
      enabled: fc.boolean(),
    })
    .map(({ key, ...more }) => zone(key, more));
  const someContent = fc
    .tuple(
      fc.uniqueArray(someZone, { selector: ({ key }) => key }),
      fc.dictionary(fc.constantFrom('p', 'q', '__proto__'), fc.constantFrom(1, 2)),
    )
    .map(([zones, data]) => content(zones, data));
  const preferences = fc.constantFrom('ours' as const, 'theirs' as const);

  it('gives theirs where nothing was changed here, and ours where nothing came in', () => {
    fc.assert(
      fc.property(someContent, someContent, preferences, (one, other, preferred) => {
        expect(mergeContent(one, one, other, preferred)).toEqual({ content: other, clashes: [] });
        expect(mergeContent(one, other, one, preferred)).toEqual({ content: other, clashes: [] });
        expect(mergeContent(one, other, other, preferred)).toEqual({ content: other, clashes: [] });
      }),
    );
  });

  it('loses no change that was made here but where it tells of a clash', () => {
    fc.assert(
      fc.property(someContent, someContent, someContent, (base, ours, theirs) => {
        const { content: result, clashes } = mergeContent(base, ours, theirs, 'theirs');
        const clashed = (key: string, member: string) =>
          clashes.some((clash) => clash.key === key && (clash.member ?? member) === member);
        const [before, after] = [base, result].map(
          ({ zones }) => new Map(zones.map((one) => [one.key, one])),
        );
        for (const one of ours.zones)
          for (const [member, value] of Object.entries(one)) {
            const old = before!.get(one.key) as Record<string, unknown> | undefined;
            if (old !== undefined && old[member] === value) continue;
            if (member === 'polygon' || clashed(one.key, member)) continue;
            expect((after!.get(one.key) as Record<string, unknown> | undefined)?.[member]).toEqual(value);
          }
        for (const { key } of base.zones)
          if (!ours.zones.some((one) => one.key === key) && !clashes.some((clash) => clash.key === key))
            expect(after!.has(key)).toBe(false);
      }),
    );
  });

  it('settles for one side or the other, and the same whichever way it is asked', () => {
    fc.assert(
      fc.property(someContent, someContent, someContent, (base, ours, theirs) => {
        const forward = mergeContent(base, ours, theirs, 'ours');
        const backward = mergeContent(base, theirs, ours, 'theirs');
        const byKey = (zones: readonly Zone[]) =>
          zones.toSorted((one, other) => (one.key < other.key ? -1 : 1));
        expect(byKey(forward.content.zones)).toEqual(byKey(backward.content.zones));
        expect(forward.clashes).toHaveLength(backward.clashes.length);
      }),
    );
  });

  it('is told part by part: each is added, updated, removed or kept', () => {
    fc.assert(
      fc.property(someContent, someContent, (before, after) => {
        const { added, updated, removed, kept } = summarize(before, after);
        const keys = new Set([...before.zones, ...after.zones].map(({ key }) => key));
        const told = [added, updated, removed, kept].flatMap(({ zones }) => zones);
        expect(told.toSorted()).toEqual([...keys].toSorted());
        expect(added.zones.length + updated.zones.length + kept.zones.length).toBe(after.zones.length);
      }),
    );
  });
});
