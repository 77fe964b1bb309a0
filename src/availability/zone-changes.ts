import type { ZoneChange } from './facts.js';
import { LocalClock, localClock, type Offsets, type OffsetSpan, STRIDE_US } from './local-time.js';
import { checkOrder } from './schedule.js';
import { DAY_US } from './units.js';

/**
 * How far from asOf a change can still matter, in dates. The dates of a report's week begin at most 16 before the UTC
 * date of asOf, those of any other number of days as much sooner as they are more; their windows end at most 5 after
 * it; a change moves no wall time that is further from it than two dates.
 */
const DATES_BACK_BESIDE_DAYS = 13;
const DATES_AHEAD = 8;

/** The zones that a report meets. */
export interface ZonesInForce {
  /** Before the first of the changes. */
  readonly zone: string;
  /** In order of date, each to another zone than the one before. */
  readonly changes: readonly ZoneChange[];
}

/**
 * Leaves out changes that are too far away and such as change nothing, so that nearly every store that ever changed
 * its zone shares its dates with those that never did.
 * @param days how many days up to asOf are looked at
 * @throws RangeError when a zone that matters is unknown
 */
export function zonesInForce(
  zone: string,
  changes: readonly ZoneChange[],
  asOfUs: number,
  days = 7,
): ZonesInForce {
  checkOrder(changes);
  const today = Math.floor(asOfUs / DAY_US);
  const near: ZoneChange[] = [];
  let base = zone;
  for (const change of changes) {
    if (change.fromDate < today - DATES_BACK_BESIDE_DAYS - days) base = change.zone;
    else if (change.fromDate <= today + DATES_AHEAD) {
      const former = near.at(-1)?.zone ?? base;
      if (localClock(change.zone) !== localClock(former)) near.push(change);
    }
  }
  return { zone: base, changes: near };
}

/**
 * The clock of a store that changes its zone (rule 6a).
 * @throws RangeError when a zone is unknown
 */
export function changingClock({ zone, changes }: ZonesInForce): LocalClock {
  const stretches: Stretch[] = [];
  let clock = localClock(zone);
  let startUs = -Infinity;
  for (const change of changes) {
    // Never before the change before it: where that one skipped the date, this one holds from the same instant on.
    const endUs = Math.max(startUs, clock.instantOf(change.fromDate * DAY_US));
    stretches.push({ offsets: clock.offsets, startUs, endUs });
    clock = localClock(change.zone);
    startUs = endUs;
  }
  stretches.push({ offsets: clock.offsets, startUs, endUs: Infinity });
  return new LocalClock(new ChangingOffsets(stretches));
}

/** One zone holds from startUs until endUs; empty when they are the same. */
interface Stretch {
  readonly offsets: Offsets;
  readonly startUs: number;
  readonly endUs: number;
}

/** The offsets of several zones, one after the other. */
class ChangingOffsets implements Offsets {
  /** By stride; a report asks for the few around its week. */
  readonly #known = new Map<number, readonly OffsetSpan[]>();

  constructor(private readonly stretches: readonly Stretch[]) {}

  spansAround(us: number): readonly OffsetSpan[] {
    const stride = Math.floor(us / STRIDE_US);
    let spans = this.#known.get(stride);
    if (spans === undefined) {
      spans = this.stretches.flatMap(({ offsets, startUs, endUs }) =>
        clip(offsets.spansAround(us), startUs, endUs),
      );
      this.#known.set(stride, spans);
    }
    return spans;
  }
}

/** What of a zone's spans lies in [startUs, endUs); the last of them has no end of its own. */
function clip(spans: readonly OffsetSpan[], startUs: number, endUs: number): OffsetSpan[] {
  const kept: OffsetSpan[] = [];
  for (let i = 0; i < spans.length; i++) {
    const from = Math.max(spans[i]!.startUs, startUs);
    const until = Math.min(spans[i + 1]?.startUs ?? Infinity, endUs);
    if (from < until) kept.push({ startUs: from, offsetUs: spans[i]!.offsetUs });
  }
  return kept;
}
