import fc from 'fast-check';
import type { Interval } from '../../availability/index.js';
import { QUARTER_US } from '../meaning/pieces.js';
import type { CameraState } from './camera-watch.js';
import { type EvidenceInput, layVerdicts, type OpenStretch, totalsOf, type Verdict } from './verdicts.js';

const MINUTE_US = 60_000_000;
/** Quarter 0 begins at minute 0. */
const at = (minute: number): number => minute * MINUTE_US;

type State = OpenStretch['state'];

function stretch(from: number, to: number, state: State): OpenStretch {
  return { startUs: at(from), endUs: at(to), state };
}

interface Case {
  open?: readonly OpenStretch[];
  people?: readonly number[];
  cameras?: CameraState;
  expected?: boolean | null;
  range?: [from: number, to: number];
  asOf?: number;
  pending?: Interval | null;
}

function input({
  open = [],
  people = [],
  cameras = 'sending',
  expected = true,
  range = [0, 15],
  asOf,
  pending = null,
}: Case): EvidenceInput {
  return {
    open,
    presence: { withPeople: new Set(people), pending },
    cameras: { at: () => cameras },
    pattern: { expectsPeople: () => expected },
    range: { startUs: at(range[0]), endUs: at(range[1]) },
    asOfUs: at(asOf ?? Math.ceil(range[1] / 15) * 15),
  };
}

/** In minutes: `[from, to, verdict]`. */
function verdicts(given: Case): [number, number, Verdict][] {
  return layVerdicts(input(given)).map(({ startUs, endUs, verdict }) => [
    startUs / MINUTE_US,
    endUs / MINUTE_US,
    verdict,
  ]);
}

describe('a piece in one state', () => {
  const one = (state: State | 'closed', people: boolean, more: Case = {}): Verdict => {
    const open = state === 'closed' ? [] : [stretch(0, 15, state)];
    const found = verdicts({ open, people: people ? [0] : [], ...more });
    expect(found).toHaveLength(1);
    return found[0]![2];
  };

  it.each<[State | 'closed', Verdict, Verdict, Verdict]>([
    // state, with people, with nobody, with nobody and a silent camera
    ['up', 'agrees', 'ghost_open', 'sensor_silent'],
    ['down', 'tech_outage_suspected', 'closed_unexpectedly', 'sensor_silent'],
    ['unobserved', 'monitoring_gap', 'none', 'sensor_silent'],
    ['closed', 'after_hours_people', 'agrees', 'agrees'],
  ])(
    'that is %s says %s with people, %s with nobody, %s where a camera is silent',
    (state, people, nobody, silent) => {
      expect(one(state, true)).toBe(people);
      expect(one(state, false)).toBe(nobody);
      expect(one(state, false, { cameras: 'silent' })).toBe(silent);
      // People who are seen are there, whatever the other cameras do.
      expect(one(state, true, { cameras: 'silent' })).toBe(people);
    },
  );

  it('says nothing without cameras', () => {
    for (const state of ['up', 'down', 'unobserved', 'closed'] as const)
      for (const people of [true, false]) expect(one(state, people, { cameras: 'none' })).toBe('none');
  });

  it('takes an empty store for a ghost only at an hour that has people', () => {
    expect(one('up', false, { expected: false })).toBe('agrees');
    expect(one('up', false, { expected: null })).toBe('none');
  });

  it('finds nobody only once all of its events are taken in', () => {
    const pending = { startUs: at(14), endUs: at(14) + 1 };
    expect(one('down', false, { pending })).toBe('none');
    expect(one('down', true, { pending })).toBe('tech_outage_suspected');
    expect(one('down', false, { pending: { startUs: at(15), endUs: at(20) } })).toBe('closed_unexpectedly');
  });

  it('says nothing before the piece is over', () => {
    expect(one('down', true, { asOf: 14 })).toBe('none');
    expect(one('down', false, { asOf: 14 })).toBe('none');
  });
});

describe('a piece in several states', () => {
  it('has nobody in all of its parts', () => {
    const open = [stretch(0, 5, 'down'), stretch(5, 12, 'up')];
    expect(verdicts({ open })).toEqual([
      [0, 5, 'closed_unexpectedly'],
      [5, 12, 'ghost_open'],
      [12, 15, 'agrees'],
    ]);
  });

  it('lets people who may have been there while it was up speak against nothing else', () => {
    const open = [stretch(0, 5, 'down'), stretch(5, 12, 'up')];
    expect(verdicts({ open, people: [0] })).toEqual([
      [0, 5, 'none'],
      [5, 12, 'agrees'],
      [12, 15, 'none'],
    ]);
  });

  it('lets people speak against the polls where no part is up', () => {
    const open = [stretch(3, 10, 'down'), stretch(10, 15, 'unobserved')];
    expect(verdicts({ open, people: [0] })).toEqual([
      [0, 3, 'none'],
      [3, 10, 'tech_outage_suspected'],
      [10, 15, 'monitoring_gap'],
    ]);
  });

  it('is judged as a whole where the range begins or ends within it', () => {
    const open = [stretch(0, 5, 'up'), stretch(5, 15, 'down')];
    expect(verdicts({ open, people: [0], range: [7, 11] })).toEqual([[7, 11, 'none']]);
  });
});

describe('pieces one after the other', () => {
  it('become one run where they say the same', () => {
    const open = [stretch(0, 40, 'down'), stretch(40, 60, 'up')];
    expect(verdicts({ open, people: [0, 1], range: [0, 75] })).toEqual([
      [0, 30, 'tech_outage_suspected'],
      [30, 40, 'closed_unexpectedly'],
      [40, 60, 'ghost_open'],
      [60, 75, 'agrees'],
    ]);
  });
});

describe('verdicts, whatever is known,', () => {
  const QUARTERS = 12;
  const states = fc.constantFrom<State | 'closed'>('up', 'down', 'unobserved', 'closed');
  const cases = fc.record({
    lengths: fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000_000_000 }), states), { maxLength: 12 }),
    people: fc.uniqueArray(fc.integer({ min: 0, max: QUARTERS })),
    cameras: fc.array(fc.constantFrom<CameraState>('none', 'silent', 'sending'), {
      minLength: 1,
      maxLength: 5,
    }),
    expected: fc.array(fc.constantFrom(true, false, null), { minLength: 1, maxLength: 5 }),
    start: fc.integer({ min: 0, max: 3 * QUARTER_US }),
    length: fc.integer({ min: 1, max: 8 * QUARTER_US }),
    late: fc.integer({ min: 0, max: QUARTER_US }),
  });
  type Given = typeof cases extends fc.Arbitrary<infer T> ? T : never;

  function laid({ lengths, people, cameras, expected, start, length, late }: Given): EvidenceInput {
    const open: OpenStretch[] = [];
    let atUs = 0;
    for (const [us, state] of lengths) {
      if (state !== 'closed') open.push({ startUs: atUs, endUs: atUs + us, state });
      atUs += us;
    }
    return {
      open,
      presence: { withPeople: new Set(people), pending: null },
      cameras: { at: (quarter) => cameras[quarter % cameras.length]! },
      pattern: { expectsPeople: (quarter) => expected[quarter % expected.length]! },
      range: { startUs: start, endUs: start + length },
      asOfUs: start + length + late,
    };
  }

  it('cover the time asked for, once, and add up to it', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { range, ...rest } = laid(given);
        const runs = layVerdicts({ range, ...rest });
        expect(runs[0]!.startUs).toBe(range.startUs);
        expect(runs.at(-1)!.endUs).toBe(range.endUs);
        for (const [i, run] of runs.entries()) {
          expect(run.startUs).toBeLessThan(run.endUs);
          if (i > 0) expect(run.startUs).toBe(runs[i - 1]!.endUs);
          if (i > 0) expect(run.verdict).not.toBe(runs[i - 1]!.verdict);
        }
        const sum = Object.values(totalsOf(runs)).reduce((total, us) => total + us, 0);
        expect(sum).toBe(range.endUs - range.startUs);
      }),
    );
  });

  it('stay what they are where the time is asked for in two parts', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (given, share) => {
        const whole = laid(given);
        const { startUs, endUs } = whole.range;
        const cut = Math.floor(startUs + (endUs - startUs) * share);
        fc.pre(cut > startUs && cut < endUs);
        const of = (from: number, to: number) =>
          totalsOf(layVerdicts({ ...whole, range: { startUs: from, endUs: to } }));
        const [all, first, second] = [of(startUs, endUs), of(startUs, cut), of(cut, endUs)];
        for (const verdict of Object.keys(all) as Verdict[])
          expect(first[verdict] + second[verdict]).toBe(all[verdict]);
      }),
    );
  });

  it('never speak of an outage with nobody, nor of an empty store with people', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const one = laid(given);
        const peopleIn = ({ startUs, endUs }: Interval): boolean[] => {
          const first = Math.floor(startUs / QUARTER_US);
          const quarters = Array.from({ length: Math.ceil(endUs / QUARTER_US) - first }, (_, i) => first + i);
          return quarters.map((quarter) => one.presence.withPeople.has(quarter));
        };
        const runs = layVerdicts(one);
        const of = (...wanted: Verdict[]) =>
          runs.filter(({ verdict }) => wanted.includes(verdict)).flatMap(peopleIn);
        expect(of('tech_outage_suspected', 'monitoring_gap', 'after_hours_people')).not.toContain(false);
        expect(of('closed_unexpectedly', 'ghost_open', 'sensor_silent')).not.toContain(true);
      }),
    );
  });
});
