import { formatInTimeZone } from 'date-fns-tz';
import { SECOND_US, DAY_US } from './units.js';
import { canonicalZone } from './zone-names.js';

/**
 * How far apart a zone's offset is asked for; between two equal answers it is taken to be constant. Since 2000 no zone
 * has changed twice within less than 6.9 days (Recife, October 2000), so four days miss nothing.
 */
export const STRIDE_US = 4 * DAY_US;

/** 44 years of strides. No use comes near it; it only keeps a strange series of dates from filling the memory. */
const MOST_STRIDES_KEPT = 4000;

/** From `startUs` until the next span's start, local time is UTC + `offsetUs`. */
export interface OffsetSpan {
  readonly startUs: number;
  readonly offsetUs: number;
}

/** What a clock is set to over time. */
export interface Offsets {
  /**
   * The offsets in force near an instant, or near a wall time read as one: offsets are less than a day, and a whole
   * stride on either side is covered. They are the same for all instants of a stride.
   */
  spansAround(us: number): readonly OffsetSpan[];
}

/**
 * The clock on the wall of one zone, or of a store that changes its zone. A wall time is written as the microseconds since 1970-01-01T00:00 that a UTC
 * clock showing the same digits would have; a date as the number of days since 1970-01-01.
 * Right for instants since 1972: before that, offsets had seconds.
 */
export class LocalClock {
  readonly offsets: Offsets;

  /** @param zone its name, or what the clock is set to where that is more than one zone */
  constructor(zone: string | Offsets) {
    this.offsets = typeof zone === 'string' ? new ZoneOffsets(zone) : zone;
  }

  /** The wall time that the clock shows at an instant. */
  wallAt(instantUs: number): number {
    const spans = this.offsets.spansAround(instantUs);
    let i = spans.length - 1;
    while (i > 0 && instantUs < spans[i]!.startUs) i--;
    return instantUs + spans[i]!.offsetUs;
  }

  /** The date that the clock shows at an instant. */
  dateAt(instantUs: number): number {
    return Math.floor(this.wallAt(instantUs) / DAY_US);
  }

  /**
   * The instants at which the clock shows a wall time, ascending: none in a gap, two in an overlap, else one; more
   * only where the zone is changed more than once within two days.
   */
  instantsShowing(wallUs: number): readonly number[] {
    const spans = this.offsets.spansAround(wallUs);
    const instants: number[] = [];
    for (let i = 0; i < spans.length; i++) {
      const instantUs = wallUs - spans[i]!.offsetUs;
      const begins = i === 0 ? -Infinity : spans[i]!.startUs;
      const ends = i === spans.length - 1 ? Infinity : spans[i + 1]!.startUs;
      if (begins <= instantUs && instantUs < ends) instants.push(instantUs);
    }
    return instants;
  }

  /**
   * Rule 6, the one place where a wall time becomes one instant: shown twice, it is the first of the two; skipped, it
   * is pushed forward by the gap. Both are the offset in force before the transition.
   */
  instantOf(wallUs: number): number {
    const spans = this.offsets.spansAround(wallUs);
    if (spans.length === 1) return wallUs - spans[0]!.offsetUs;
    return this.instantsShowing(wallUs)[0] ?? pushedOutOfGap(spans, wallUs);
  }
}

/** The offsets of one zone, learned as they are asked for. */
class ZoneOffsets implements Offsets {
  readonly #offsetsAtStrides = new Map<number, number>();
  readonly #spansAroundStrides = new Map<number, readonly OffsetSpan[]>();

  constructor(private readonly zone: string) {}

  spansAround(us: number): readonly OffsetSpan[] {
    const stride = Math.floor(us / STRIDE_US);
    let spans = this.#spansAroundStrides.get(stride);
    if (spans === undefined) {
      spans = this.#learnSpans(stride - 1, stride + 2);
      this.#spansAroundStrides.set(stride, spans);
    }
    return spans;
  }

  #learnSpans(firstStride: number, lastStride: number): OffsetSpan[] {
    const spans = [{ startUs: firstStride * STRIDE_US, offsetUs: this.#offsetAtStride(firstStride) }];
    for (let stride = firstStride; stride < lastStride; stride++) {
      const before = this.#offsetAtStride(stride);
      const after = this.#offsetAtStride(stride + 1);
      if (before === after) continue;
      spans.push({ startUs: this.#findTransition(stride * STRIDE_US, before), offsetUs: after });
    }
    return spans;
  }

  /** The first whole second of a stride at which the offset is no longer `before`. */
  #findTransition(strideStartUs: number, before: number): number {
    let low = 0;
    let high = STRIDE_US / SECOND_US;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (askOffsetUs(this.zone, strideStartUs + middle * SECOND_US) === before) low = middle;
      else high = middle;
    }
    return strideStartUs + high * SECOND_US;
  }

  #offsetAtStride(stride: number): number {
    let offset = this.#offsetsAtStrides.get(stride);
    if (offset === undefined) {
      if (this.#offsetsAtStrides.size >= MOST_STRIDES_KEPT) this.#forget();
      offset = askOffsetUs(this.zone, stride * STRIDE_US);
      this.#offsetsAtStrides.set(stride, offset);
    }
    return offset;
  }

  #forget(): void {
    this.#offsetsAtStrides.clear();
    this.#spansAroundStrides.clear();
  }
}

const clocks = new Map<string, LocalClock>();

/**
 * The clock of a zone, one for each, since it learns as it is used and asking Intl is slow.
 * @throws RangeError when the name is none of a zone
 */
export function localClock(zone: string): LocalClock {
  const name = canonicalZone(zone);
  if (name === null) {
    throw new RangeError(
      `"${zone}" is not the name of a time zone; an IANA name such as "America/Chicago" is needed`,
    );
  }
  let clock = clocks.get(name);
  if (clock === undefined) {
    clock = new LocalClock(name);
    clocks.set(name, clock);
  }
  return clock;
}

function pushedOutOfGap(spans: readonly OffsetSpan[], wallUs: number): number {
  let i = 1;
  while (i < spans.length - 1 && wallUs - spans[i]!.offsetUs >= spans[i]!.startUs) i++;
  return wallUs - spans[i - 1]!.offsetUs;
}

/**
 * The only question that is asked of date-fns-tz. Its answers about local time are read from a Date in the process's
 * own zone and are wrong wherever that zone skips (02:30 in a process in New York, on a day in March); the offset
 * alone is computed from the instant and holds in every process.
 */
function askOffsetUs(zone: string, instantUs: number): number {
  const text = formatInTimeZone(instantUs / 1000, zone, 'xxx');
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6));
  return (text.startsWith('-') ? -minutes : minutes) * 60 * SECOND_US;
}
