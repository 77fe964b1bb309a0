import { type DayActivity, SLOTS_A_DAY, SLOT_US } from '../polls/poll-activity.js';
import { between, LEAST_EXPECTED_POLLS, QUIET_SHARE, quietRuns, type Run, sumsBefore } from './quiet-runs.js';
import { expectedPolls, LEAST_DAYS_COMPARED, MOST_DAYS_COMPARED } from './expected-polls.js';

/** A stretch in which polls stopped for nearly all stores at once. */
export interface CollectorOutage {
  /** Instant of the last poll before it. */
  startUs: number;
  /** Instant of the first poll after it; of an ongoing one the instant up to which anything is known. */
  endUs: number;
  ongoing: boolean;
  /** How many polls the same time of day held on the days around it. */
  expectedPolls: number;
  /** How many there were between start and end, both excluded. */
  polls: number;
}

/** A pause is usual until it misses so many times the polls that the pause at this time of day misses elsewhere. */
const UNUSUAL_FACTOR = 1.5;
/** After so many days without a poll a collection has ended, and with the next poll another begins. */
export const MOST_DAYS_SILENT = 30;

const HOURS_AROUND = 3;
const SLOTS_AN_HOUR = SLOTS_A_DAY / 24;
const DAY_US = SLOTS_A_DAY * SLOT_US;

/**
 * Finds the stretches in which polls stopped for nearly all stores at once.
 *
 * Quiet hours and the pauses between the rounds of a poller are no outages: what counts are the polls that a stretch
 * misses, and it has to miss half as many again as the pauses at the same time of other days do.
 *
 * @param days in any order; days without polls may be left out.
 * @param untilUs nothing after it is known. Where polls stopped before, and not long ago, the outage is ongoing.
 */
export function detectCollectorOutages(days: readonly DayActivity[], untilUs: number): CollectorOutage[] {
  const polled = days
    .filter(({ day, polls }) => day * DAY_US <= untilUs && polls.some((count) => count > 0))
    .sort((a, b) => a.day - b.day);
  return collectionsOf(polled).flatMap((collection) => new Collection(collection, untilUs).outages());
}

/** Cuts the days where none follows for a long time. */
function collectionsOf(days: readonly DayActivity[]): DayActivity[][] {
  const collections: DayActivity[][] = [];
  let last = -Infinity;
  for (const day of days) {
    if (day.day - last > MOST_DAYS_SILENT) collections.push([]);
    collections.at(-1)!.push(day);
    last = day.day;
  }
  return collections;
}

/** Days in which polls were collected, as one line of slots. */
class Collection {
  private readonly firstDay: number;
  private readonly dayOf = new Map<number, DayActivity>();
  /** The slots that are known whole: not that of the first poll, nor that of the last thing known. */
  private readonly from: number;
  private readonly to: number;
  /** Whether `to` is where knowledge ends, rather than the newest poll of data that ended long ago. */
  private readonly current: boolean;
  /** Sums before each slot. */
  private readonly polls: Float64Array;
  private readonly expected: Float64Array;

  constructor(
    days: readonly DayActivity[],
    private readonly untilUs: number,
  ) {
    this.firstDay = days[0]!.day;
    const first = days[0]!.polls.findIndex((count) => count > 0);
    const newest =
      (days.at(-1)!.day - this.firstDay) * SLOTS_A_DAY +
      days.at(-1)!.polls.findLastIndex((count) => count > 0);
    const until = Math.floor(untilUs / SLOT_US) - this.firstDay * SLOTS_A_DAY;
    this.current = until - newest <= MOST_DAYS_SILENT * SLOTS_A_DAY;
    this.from = first + 1;
    this.to = Math.max(this.from, this.current ? until : newest);
    for (const day of days) this.dayOf.set(day.day - this.firstDay, day);
    const counts = new Float64Array(this.to);
    for (const [day, { polls }] of this.dayOf) {
      for (let i = 0, slot = day * SLOTS_A_DAY; i < SLOTS_A_DAY && slot < this.to; i++, slot++)
        counts[slot] = polls[i]!;
    }
    this.polls = sumsBefore(counts);
    this.expected = sumsBefore(expectedPolls(this.polls, [...this.dayOf.keys()], this.from, this.to));
  }

  outages(): CollectorOutage[] {
    const quiet = quietRuns(this.expected, this.polls, this.from, this.to);
    // Its last piece ends short of the end of knowledge; what is empty up to there belongs to it.
    const last = quiet.at(-1);
    if (last !== undefined && between(this.polls, last.to, this.to) === 0) last.to = this.to;
    const outages = quiet.map((run) => this.trimmed(run)).filter((run) => this.isOutage(run));
    return this.joined(outages).map((run) => this.describe(run));
  }

  /**
   * Without the slots at both ends that hold more than a straggler, since the allowance is for the middle; and without
   * one that holds clearly more than the next inside, since there polls stop or begin within the slot.
   */
  private trimmed({ from, to }: Run): Run {
    const count = (slot: number): number => between(this.polls, slot, slot + 1);
    const isBusy = (slot: number): boolean =>
      count(slot) > 0 && count(slot) >= QUIET_SHARE * between(this.expected, slot, slot + 1);
    let [start, end] = [from, to];
    while (start < end && isBusy(start)) start += 1;
    while (start < end && isBusy(end - 1)) end -= 1;
    if (end - start > 1 && count(start) > 2 * count(start + 1)) start += 1;
    if (end - start > 1 && count(end - 1) > 2 * count(end - 2)) end -= 1;
    return { from: start, to: end };
  }

  /** Two that only a single instant with polls parts are one. */
  private joined(runs: readonly Run[]): Run[] {
    const apart: Run[] = [];
    for (const run of runs) {
      const last = apart.at(-1);
      if (last !== undefined && this.firstPollFrom(last.to) >= this.lastPollBefore(run.from))
        last.to = run.to;
      else apart.push({ ...run });
    }
    return apart;
  }

  private isOutage(run: Run): boolean {
    // Before its first poll nothing is known of a collection, and after the newest nothing of one that has ended.
    if (run.from === this.from || (run.to === this.to && !this.current)) return false;
    const missed = between(this.expected, run.from, run.to);
    if (missed * this.shareAround(run) < LEAST_EXPECTED_POLLS) return false;
    const usual = this.usuallyMissed(run);
    return (
      usual !== null && missed >= usual * UNUSUAL_FACTOR && this.heldElsewhere(run) >= LEAST_EXPECTED_POLLS
    );
  }

  /**
   * Which share of the expected polls came in the hours before and after, at most 1. Where a part of the stores has
   * stopped, the others leave pauses by chance, and more has to be missing to tell.
   */
  private shareAround({ from, to }: Run): number {
    const before = Math.max(this.from, from - HOURS_AROUND * SLOTS_AN_HOUR);
    const after = Math.min(this.to, to + HOURS_AROUND * SLOTS_AN_HOUR);
    const expected = between(this.expected, before, from) + between(this.expected, to, after);
    const polls = between(this.polls, before, from) + between(this.polls, to, after);
    return expected < LEAST_EXPECTED_POLLS ? 1 : Math.min(1, polls / expected);
  }

  /**
   * How many polls these very slots hold on a day around, in the mean. What is expected of a slot is taken from the
   * hour around it, and so is too much for the slots behind a poller's round.
   */
  private heldElsewhere({ from, to }: Run): number {
    const day = Math.floor(from / SLOTS_A_DAY);
    let held = 0;
    let days = 0;
    for (let shift = -MOST_DAYS_COMPARED; shift <= MOST_DAYS_COMPARED; shift++) {
      const start = from + shift * SLOTS_A_DAY;
      if (shift === 0 || !this.dayOf.has(day + shift) || start < this.from || start >= this.to) continue;
      held += between(this.polls, start, Math.min(this.to, start + to - from));
      days += 1;
    }
    return days === 0 ? 0 : held / days;
  }

  /**
   * How many polls the largest pause at this time of day misses on the days around: the median, and what a week
   * earlier and later both miss, since a weekday can have a rhythm of its own. Null where too few days can tell; a
   * silence of many days is judged by as many days with polls, or two rare rounds would have an outage between them.
   */
  private usuallyMissed({ from, to }: Run): number | null {
    const length = Math.min(to - from, SLOTS_A_DAY);
    const missed: number[] = [];
    const weekly: number[] = [];
    const most = Math.ceil(this.to / SLOTS_A_DAY);
    for (let days = 1; days <= most && missed.length < MOST_DAYS_COMPARED; days++) {
      for (const shift of [-days * SLOTS_A_DAY, days * SLOTS_A_DAY]) {
        const other = { from: from + shift, to: from + shift + length };
        if ((other.from < to && from < other.to) || !this.isKnown(other)) continue;
        const polled = this.isPolled(other);
        if (!polled && days !== 7) continue;
        const pause = this.largestPause(from, from + length, shift);
        if (polled) missed.push(pause);
        if (days === 7) weekly.push(pause);
      }
    }
    const needed = Math.min(Math.ceil((to - from) / SLOTS_A_DAY), MOST_DAYS_COMPARED);
    if (missed.length < Math.max(LEAST_DAYS_COMPARED, needed)) return null;
    const median = missed.toSorted((a, b) => a - b)[missed.length >> 1]!;
    return weekly.length === 0 ? median : Math.max(median, Math.min(...weekly));
  }

  private isKnown({ from, to }: Run): boolean {
    return from >= this.from && to <= this.to;
  }

  /** Whether each day of a stretch has polls. */
  private isPolled({ from, to }: Run): boolean {
    return (
      this.dayOf.has(Math.floor(from / SLOTS_A_DAY)) && this.dayOf.has(Math.floor((to - 1) / SLOTS_A_DAY))
    );
  }

  /**
   * How many polls the largest pause misses that lies `shift` slots from [from, to), by what is expected there.
   * An hour more on both sides is looked at, since a round may come late.
   */
  private largestPause(from: number, to: number, shift: number): number {
    const start = Math.max(from - SLOTS_AN_HOUR, this.from, this.from - shift);
    const end = Math.min(to + SLOTS_AN_HOUR, this.to, this.to - shift);
    let largest = 0;
    for (const pause of quietRuns(this.expected, this.polls, start, end, shift))
      largest = Math.max(largest, between(this.expected, pause.from, pause.to));
    return largest;
  }

  private describe({ from, to }: Run): CollectorOutage {
    const ongoing = to === this.to;
    return {
      startUs: this.lastPollBefore(from),
      endUs: ongoing ? this.untilUs : this.firstPollFrom(to),
      ongoing,
      expectedPolls: Math.round(between(this.expected, from, to)),
      polls: between(this.polls, from, to),
    };
  }

  private lastPollBefore(slot: number): number {
    let at = slot - 1;
    while (between(this.polls, at, at + 1) === 0 && at >= this.from) at -= 1;
    return this.instantIn(at, 'lastUs');
  }

  private firstPollFrom(slot: number): number {
    let at = slot;
    while (at < this.to && between(this.polls, at, at + 1) === 0) at += 1;
    return Math.min(this.instantIn(at, 'firstUs'), this.untilUs);
  }

  private instantIn(slot: number, end: 'firstUs' | 'lastUs'): number {
    const day = Math.floor(slot / SLOTS_A_DAY);
    const within = slot - day * SLOTS_A_DAY;
    return (this.firstDay * SLOTS_A_DAY + slot) * SLOT_US + this.dayOf.get(day)![end][within]!;
  }
}
