import { Temporal } from 'temporal-polyfill';
import type { DatedWindow, Interval, Policy, StoreFacts } from '../../src/availability/index.js';
import { dateOf, daysOf, StoreClock } from './store-clock.js';

/**
 * The semantics once more, slowly and in another way, to be compared with the engine. It cuts time at every instant
 * at which anything could change, and asks of each piece, from nothing, to whom it belongs and what is known there.
 * It shares no code with the engine and takes local time from Temporal.
 */

interface Figures {
  startUs: number;
  endUs: number;
  openUs: number;
  uptimeUs: number;
  downtimeUs: number;
  excludedUs: number;
  unobservedUs: number;
  uptimeMinUs: number;
  downtimeMinUs: number;
  polls: number;
  pollsOutsideHours: number;
  inactiveUs: number;
  unobservedInOutageUs: number;
}

interface Poll {
  t: number;
  up: boolean;
}

/** A window of a date as instants. */
interface Opening {
  date: number;
  active: boolean;
  start: number;
  end: number;
}

type Status = 'up' | 'down' | 'excluded';

export function assessSlowly(
  facts: StoreFacts,
  asOf: number,
  policy: Policy,
  collectorOutages: readonly Interval[] = [],
) {
  const clock = new StoreClock(facts);
  const today = daysOf(clock.dateAt(asOf));
  const all = openings(facts, clock, today);
  const windows = all.filter(({ active }) => active);
  const closed = all.filter(({ active }) => !active);
  const polls = [...facts.polls].map((code) => ({ t: Math.floor(code / 2), up: code % 2 === 1 }));
  const known = polls.filter(({ t }) => t <= asOf);
  const ownerOf = (x: number) => owner(windows, x);

  const countingOf = new Map<number, Poll[]>();
  for (const poll of known) {
    const day = ownerOf(poll.t);
    if (day !== null) countingOf.set(day, [...(countingOf.get(day) ?? []), poll]);
  }

  const starts = {
    lastHour: asOf - 3_600_000_000,
    lastDay: policy.windows === 'rolling' ? asOf - 86_400_000_000 : midnight(today, clock, asOf),
    lastWeek: policy.windows === 'rolling' ? asOf - 168 * 3_600_000_000 : midnight(today - 6, clock, asOf),
  };

  const outageEdges = collectorOutages.flatMap(({ startUs, endUs }) => [startUs, endUs]);
  const cuts = cut(all, known, [...Object.values(starts), ...outageEdges, asOf]);
  const inactive = cuts.filter(([a, b]) => b <= asOf && ownerOf(a) === null && owner(closed, a) !== null);
  const pieces = cuts.flatMap(([a, b]) => {
    const day = ownerOf(a);
    if (day === null || b > asOf) return [];
    const counting = countingOf.get(day) ?? [];
    return [
      {
        a,
        b,
        day,
        status: statusAt(a, counting, policy),
        seen: counting.length > 0,
        sure: sureAt(a, counting),
        blind: collectorOutages.some(({ startUs, endUs }) => startUs <= a && a < endUs),
      },
    ];
  });

  const figures = (start: number): Figures => {
    const sum = (keep: (piece: (typeof pieces)[number]) => boolean) =>
      pieces.filter((p) => p.a >= start && keep(p)).reduce((total, p) => total + p.b - p.a, 0);
    const inWindow = known.filter(({ t }) => t >= start);
    return {
      startUs: start,
      endUs: asOf,
      openUs: sum(() => true),
      uptimeUs: sum((p) => p.status === 'up'),
      downtimeUs: sum((p) => p.status === 'down'),
      excludedUs: sum((p) => p.status === 'excluded'),
      unobservedUs: sum((p) => !p.seen),
      uptimeMinUs: sum((p) => p.sure === 'up'),
      downtimeMinUs: sum((p) => p.sure === 'down'),
      polls: inWindow.filter(({ t }) => ownerOf(t) !== null).length,
      pollsOutsideHours: inWindow.filter(({ t }) => ownerOf(t) === null).length,
      inactiveUs: inactive.filter(([a]) => a >= start).reduce((total, [a, b]) => total + b - a, 0),
      unobservedInOutageUs: sum((p) => !p.seen && p.blind),
    };
  };

  const outages = [...new Set(pieces.map(({ day }) => day))].flatMap((day) => {
    const runs: { startUs: number; endUs: number | null; openUs: number; observed: boolean }[] = [];
    let former: Status | null = null;
    for (const piece of pieces.filter((p) => p.day === day && p.a >= starts.lastWeek)) {
      if (piece.status === 'down') {
        if (former !== 'down')
          runs.push({ startUs: piece.a, endUs: piece.b, openUs: 0, observed: piece.seen });
        const run = runs.at(-1)!;
        run.endUs = piece.b === asOf && ownerOf(asOf) === day ? null : piece.b;
        run.openUs += piece.b - piece.a;
      }
      former = piece.status;
    }
    return runs;
  });
  outages.sort((one, other) => one.startUs - other.startUs);

  return {
    lastHour: figures(starts.lastHour),
    lastDay: figures(starts.lastDay),
    lastWeek: figures(starts.lastWeek),
    outages,
    longestOutageUs: Math.max(0, ...outages.map(({ openUs }) => openUs)),
  };
}

/** Where it would be after asOf, the window that begins there is empty. */
function midnight(date: number, clock: StoreClock, asOf: number): number {
  return Math.min(clock.instantOf(dateOf(date).toPlainDateTime()), asOf);
}

function openings(facts: StoreFacts, clock: StoreClock, today: number): Opening[] {
  const found: Opening[] = [];
  const { activeFrom, activeUntil } = facts.calendar ?? { activeFrom: null, activeUntil: null };
  for (let date = today - 18; date <= today + 4; date++) {
    const active =
      (activeFrom === null || activeFrom <= date) && (activeUntil === null || date <= activeUntil);
    for (const window of windowsOf(facts, date)) {
      const [start, end] = wallTimes(dateOf(date), window).map((wall) => clock.instantOf(wall)) as [
        number,
        number,
      ];
      if (start < end) found.push({ date, active, start, end });
    }
  }
  return found;
}

function windowsOf({ hours, calendar }: StoreFacts, date: number): readonly DatedWindow[] {
  const exception = calendar?.exceptions.get(date);
  if (exception !== undefined) return exception;
  let inForce = hours;
  for (const change of calendar?.hoursChanges ?? []) if (change.fromDate <= date) inForce = change.hours;
  if (inForce === null) return [{ startSecond: 0, endSecond: 86_400 }];
  return inForce.filter(({ weekday }) => weekday === dateOf(date).dayOfWeek - 1);
}

function wallTimes(
  date: Temporal.PlainDate,
  { startSecond, endSecond }: DatedWindow,
): Temporal.PlainDateTime[] {
  const midnights = date.toPlainDateTime();
  const start = midnights.add({ seconds: startSecond });
  let end = midnights.add({ seconds: endSecond >= 86_340 ? 86_400 : endSecond });
  if (Temporal.PlainDateTime.compare(end, start) <= 0) end = end.add({ days: 1 });
  return [start, end];
}

function owner(windows: readonly Opening[], x: number): number | null {
  const dates = windows.filter(({ start, end }) => start <= x && x < end).map(({ date }) => date);
  return dates.length === 0 ? null : Math.min(...dates);
}

function cut(
  windows: readonly Opening[],
  polls: readonly Poll[],
  more: readonly number[],
): [number, number][] {
  const cuts = new Set(more);
  for (const { start, end } of windows) cuts.add(start).add(end);
  for (const one of polls) {
    // The middle of an odd distance is between two microseconds; the next whole one is the later poll's.
    for (const other of polls) cuts.add(Math.ceil((one.t + other.t) / 2));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((b, i) => [sorted[i]!, b]);
}

function statusAt(x: number, polls: readonly Poll[], { estimator, unobserved }: Policy): Status {
  if (polls.length === 0) return unobserved === 'exclude' ? 'excluded' : unobserved;
  let best = polls[0]!;
  for (const poll of polls) {
    const better = estimator === 'step' ? poll.t <= x : Math.abs(poll.t - x) <= Math.abs(best.t - x);
    if (better) best = poll;
  }
  return best.up ? 'up' : 'down';
}

function sureAt(x: number, polls: readonly Poll[]): Status | null {
  const before = polls.findLast(({ t }) => t <= x);
  const after = polls.find(({ t }) => t > x);
  if (before === undefined || after === undefined || before.up !== after.up) return null;
  return before.up ? 'up' : 'down';
}
