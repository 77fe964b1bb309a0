// The polls of a store: a sweep about every hour that misses some stores, and now and then stands still for all.

const HOUR_US = 3_600_000_000;
const at = (iso) => Date.parse(iso) * 1_000;

export const FIRST_US = at('2023-03-06T18:00:00Z');
export const LAST_US = at('2023-03-15T18:07:41Z');
/** The poller itself stood still, for every store. */
export const POLLER_OUTAGE = { startUs: at('2023-03-10T17:12:00Z'), endUs: at('2023-03-10T23:05:00Z') };

/** The starts of the sweeps, the same for all stores. */
export function sweeps(random) {
  const starts = [];
  for (let startUs = FIRST_US; startUs < LAST_US; startUs += HOUR_US) {
    const still = startUs > POLLER_OUTAGE.startUs - HOUR_US && startUs < POLLER_OUTAGE.endUs;
    if (!still && !random.chance(0.02)) starts.push(startUs);
  }
  return starts;
}

/** The polls of one store: `{instantUs, active}`, oldest first, no two at one instant. */
export function pollsOf(store, sweepStarts, random) {
  if (store.unpolled) return [];
  const spells = downSpells(store, random);
  const reliability = random.between(0.965, 0.998);
  const polls = [];
  for (const [index, sweepUs] of sweepStarts.entries()) {
    if (index % store.everyHours !== 0 || random.chance(0.05)) continue;
    const instantUs = pollInstant(sweepUs, random);
    if (instantUs > LAST_US || !isPolled(store, instantUs)) continue;
    const down = spells.some(({ startUs, endUs }) => instantUs >= startUs && instantUs < endUs);
    // Outside its hours a store is mostly switched off.
    const active = random.chance(isOpen(store, instantUs) ? reliability : 0.1) && !down;
    polls.push({ instantUs, active });
  }
  return polls;
}

/** Most sweeps reach a store in their first ten minutes. Fractions of a second have up to six digits. */
function pollInstant(sweepUs, random) {
  const afterUs = random.chance(0.72) ? random.between(0, HOUR_US / 6) : random.between(0, HOUR_US);
  const unitUs = random.chance(0.03) ? 10 ** random.whole(1, 5) : 1;
  const instantUs = Math.floor((sweepUs + afterUs) / unitUs) * unitUs;
  // The files never write a whole second.
  return instantUs % 1_000_000 === 0 ? instantUs + 100_000 : instantUs;
}

function isPolled(store, instantUs) {
  return (
    (store.from === null || instantUs >= at(store.from)) &&
    (store.until === null || instantUs < at(store.until))
  );
}

function downSpells(store, random) {
  if (store.neverUp) return [{ startUs: FIRST_US, endUs: LAST_US + 1 }];
  const spells = Array.from({ length: store.spells }, () => {
    const startUs = random.between(FIRST_US, LAST_US);
    return { startUs, endUs: startUs + random.between(1.5, 6) * HOUR_US };
  });
  if (store.downFrom !== null) spells.push({ startUs: at(store.downFrom), endUs: LAST_US + 1 });
  return spells;
}

const clocks = new Map();

/** The store's wall clock: day (0 is Monday) and the time as `HH:MM:SS`. */
function wallClock(zone, instantUs) {
  if (!clocks.has(zone)) {
    const options = { timeZone: zone, hourCycle: 'h23', weekday: 'short' };
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
    clocks.set(zone, new Intl.DateTimeFormat('en-US', { ...options, ...time }));
  }
  const parts = clocks.get(zone).formatToParts(Math.floor(instantUs / 1_000));
  const part = (type) => parts.find((candidate) => candidate.type === type).value;
  return {
    day: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')),
    time: `${part('hour')}:${part('minute')}:${part('second')}`,
  };
}

/** Only decides how likely a poll is to say `active`; what counts as open time is the product's to say. */
function isOpen(store, instantUs) {
  if (store.week.length === 0) return true;
  const { day, time } = wallClock(store.zone ?? 'America/Chicago', instantUs);
  return store.week.some(([windowDay, start, end]) => {
    if (start < end) return windowDay === day && time >= start && time < end;
    return (windowDay === day && time >= start) || ((windowDay + 1) % 7 === day && time < end);
  });
}
