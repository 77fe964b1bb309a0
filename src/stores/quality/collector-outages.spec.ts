import { type CollectorOutage, detectCollectorOutages } from './collector-outages.js';
import { type DayActivity, SLOTS_A_DAY, SLOT_US } from '../polls/poll-activity.js';

const DAY_US = SLOTS_A_DAY * SLOT_US;
const HOUR_US = DAY_US / 24;
const FIRST_DAY = 19_375;
const START_US = FIRST_DAY * DAY_US;
const SEEDS = [1, 2, 3];

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function activityOf(instantsUs: readonly number[]): DayActivity[] {
  const days = new Map<number, { day: number; polls: number[]; firstUs: number[]; lastUs: number[] }>();
  for (const us of [...instantsUs].sort((a, b) => a - b)) {
    const day = Math.floor(us / DAY_US);
    const zeros = (): number[] => Array.from({ length: SLOTS_A_DAY }, () => 0);
    const activity = days.get(day) ?? { day, polls: zeros(), firstUs: zeros(), lastUs: zeros() };
    days.set(day, activity);
    const slot = Math.floor((us - day * DAY_US) / SLOT_US);
    const within = us - day * DAY_US - slot * SLOT_US;
    if (activity.polls[slot] === 0) activity.firstUs[slot] = within;
    activity.lastUs[slot] = within;
    activity.polls[slot]! += 1;
  }
  return [...days.values()];
}

interface Rhythm {
  seed: number;
  days: number;
  stores: number;
  /** Polls a store gets in an hour that begins at this hour of the UTC day of this day. */
  hourly(hour: number, day: number): number;
  stops?: readonly (readonly [number, number])[];
}

/** Polls at random instants: each store's own clock decides when it is its turn. */
function poissonPolls({ seed, days, stores, hourly, stops = [] }: Rhythm): number[] {
  const random = randomOf(seed);
  const instants: number[] = [];
  for (let hour = 0; hour < days * 24; hour++) {
    const rate = stores * hourly(hour % 24, Math.floor(hour / 24));
    for (let at = -Math.log(1 - random()) / rate; at < 1; at -= Math.log(1 - random()) / rate)
      instants.push(START_US + Math.floor((hour + at) * HOUR_US));
  }
  return instants.filter((us) => !stops.some(([from, to]) => us >= from && us < to));
}

/** Every store once in a round of ten minutes; a round may begin some minutes late. */
function rounds(
  seed: number,
  days: number,
  everyHours: number,
  stops: readonly (readonly [number, number])[] = [],
): number[] {
  const random = randomOf(seed);
  const instants: number[] = [];
  for (let hour = 0; hour < days * 24; hour += everyHours) {
    const startUs = START_US + hour * HOUR_US + Math.floor(random() * 240_000_000);
    if (stops.some(([from, to]) => startUs >= from && startUs < to)) continue;
    for (let store = 0; store < 200; store++) instants.push(startUs + Math.floor(random() * 600_000_000));
  }
  return instants;
}

const businessHours = (hour: number): number => (hour >= 14 || hour < 2 ? 1 : 0);
const aroundTheClock = (): number => 1;
const at = (day: number, hour: number): number => START_US + day * DAY_US + hour * HOUR_US;

/** As of the newest poll. */
function detect(
  instants: readonly number[],
  untilUs = Math.max(...instants.slice(-50_000)),
): CollectorOutage[] {
  return detectCollectorOutages(activityOf(instants), untilUs);
}

/** By how much the edges of what was found miss the stops at most, in microseconds; infinite when others were found. */
function largestMiss(
  found: readonly CollectorOutage[],
  stops: readonly (readonly [number, number])[],
): number {
  if (found.length !== stops.length) return Infinity;
  const misses = stops.flatMap(([from, to], i) => [found[i]!.startUs - from, found[i]!.endUs - to]);
  return Math.max(...misses.map(Math.abs));
}

describe('collector outages', () => {
  describe.each(SEEDS)('with the random numbers of seed %d', (seed) => {
    const stops = [
      [at(3, 16.37), at(3, 17.02)],
      [at(5, 20.5), at(5, 23.91)],
      [at(8, 15.21), at(9, 22.4)],
    ] as const;

    it('finds none where polls come at random around the clock', () => {
      expect(detect(poissonPolls({ seed, days: 12, stores: 300, hourly: aroundTheClock }))).toEqual([]);
    });

    it('takes quiet nights for no outage', () => {
      expect(detect(poissonPolls({ seed, days: 12, stores: 300, hourly: businessHours }))).toEqual([]);
    });

    it('takes the pauses between rounds for no outage, also where rounds begin late', () => {
      expect(detect(rounds(seed, 12, 1))).toEqual([]);
      expect(detect(rounds(seed, 12, 4))).toEqual([]);
    });

    it('takes a weekday on which all stores are closed for no outage, once there were two', () => {
      const hourly = (hour: number, day: number): number => (day % 7 === 4 ? 0 : businessHours(hour));
      expect(detect(poissonPolls({ seed, days: 15, stores: 300, hourly }))).toEqual([]);
    });

    it('finds stops within a slot', () => {
      expect(
        largestMiss(detect(poissonPolls({ seed, days: 12, stores: 300, hourly: businessHours, stops })), [
          stops[0],
          stops[1],
          // Nobody would have been polled between two and fourteen o'clock.
          stops[2],
        ]),
      ).toBeLessThanOrEqual(SLOT_US);
      expect(
        largestMiss(
          detect(poissonPolls({ seed, days: 12, stores: 300, hourly: aroundTheClock, stops })),
          stops,
        ),
      ).toBeLessThanOrEqual(SLOT_US);
    });

    it('finds a round that was lost, from the last poll before it to the first after it', () => {
      const instants = rounds(seed, 12, 1, [[at(6, 9), at(6, 10)]]);
      const before = Math.max(...instants.filter((us) => us < at(6, 9)));
      const after = Math.min(...instants.filter((us) => us > at(6, 9)));
      expect(detect(instants)).toMatchObject([{ startUs: before, endUs: after, ongoing: false, polls: 0 }]);
    });

    it('looks past a straggler', () => {
      const instants = poissonPolls({
        seed,
        days: 12,
        stores: 300,
        hourly: aroundTheClock,
        stops: [stops[1]],
      });
      instants.push(at(5, 22.2));
      const found = detect(instants.sort((a, b) => a - b));
      expect(largestMiss(found, [stops[1]])).toBeLessThanOrEqual(SLOT_US);
      expect(found[0]!.polls).toBeGreaterThanOrEqual(1);
    });
  });

  it('finds none where a part of the stores stops', () => {
    const some = poissonPolls({
      seed: 6,
      days: 10,
      stores: 250,
      hourly: aroundTheClock,
      stops: [[at(5, 3), at(5, 9)]],
    });
    const others = poissonPolls({ seed: 7, days: 10, stores: 50, hourly: aroundTheClock });
    expect(detect([...some, ...others].sort((a, b) => a - b))).toEqual([]);
  });

  it('finds none in fewer polls or days than can tell', () => {
    expect(detectCollectorOutages([], at(0, 0))).toEqual([]);
    expect(detect([at(0, 1)])).toEqual([]);
    expect(detect(poissonPolls({ seed: 8, days: 30, stores: 2, hourly: () => 10 / 24 }))).toEqual([]);
    const stops = [[at(1, 10), at(1, 14)]] as const;
    expect(detect(poissonPolls({ seed: 9, days: 3, stores: 300, hourly: aroundTheClock, stops }))).toEqual(
      [],
    );
    expect(
      detect(poissonPolls({ seed: 9, days: 5, stores: 300, hourly: aroundTheClock, stops })),
    ).toHaveLength(1);
  });

  it('finds none between the few rounds of a collection that never had a rhythm', () => {
    const instants = [0, 8, 15, 26, 34].flatMap((day) =>
      Array.from({ length: 200 }, (_, i) => at(day, 23) + i * 1_000_000),
    );
    expect(detect(instants)).toEqual([]);
  });

  it('takes no stray poll before all others or after them for a beginning or an end', () => {
    const instants = poissonPolls({ seed: 10, days: 8, stores: 300, hourly: aroundTheClock });
    expect(detect([at(-9, 4), ...instants])).toEqual([]);
    expect(detect([...instants, at(12, 4)], at(12, 5)).filter(({ ongoing }) => !ongoing)).toEqual([]);
  });

  describe('at the end of what is known', () => {
    const instants = poissonPolls({ seed: 11, days: 8, stores: 300, hourly: businessHours });
    const newest = instants.at(-1)!;

    it('calls a stop ongoing as soon as it is no usual pause', () => {
      const evening = instants.filter((us) => us < at(7, 2));
      expect(detect(evening, at(7, 9))).toEqual([]);
      const afternoon = detect(
        instants.filter((us) => us < at(7, 18)),
        at(7, 19),
      );
      expect(afternoon).toMatchObject([{ endUs: at(7, 19), ongoing: true }]);
    });

    it('says nothing of a collection that ended a month ago', () => {
      expect(detect(instants, newest + 29 * DAY_US)).toMatchObject([]);
      expect(detect(instants, newest + 4 * DAY_US)).toMatchObject([{ startUs: newest, ongoing: true }]);
      expect(detect(instants, newest + 31 * DAY_US)).toEqual([]);
      expect(detect(instants, newest + 4000 * DAY_US)).toEqual([]);
    });

    it('knows nothing that came later', () => {
      const stopped = instants.filter((us) => us < at(5, 16) || us >= at(5, 22));
      expect(detect(stopped, at(5, 19))).toMatchObject([{ endUs: at(5, 19), ongoing: true }]);
      expect(detect(stopped, at(5, 15))).toEqual([]);
    });
  });

  it('parts collections between which a month lies', () => {
    const early = poissonPolls({ seed: 12, days: 6, stores: 300, hourly: aroundTheClock });
    const late = early.map((us) => us + 60 * DAY_US).filter((us) => us < at(63, 5) || us >= at(63, 8));
    expect(largestMiss(detect([...early, ...late]), [[at(63, 5), at(63, 8)]])).toBeLessThanOrEqual(SLOT_US);
  });
});
