import { Temporal } from 'temporal-polyfill';
import type { StoreFacts } from '../../src/availability/index.js';

const DAY = 86_400_000_000;

/**
 * The clock of a store whose zone changes, from Temporal and the words of rule 6a alone. It looks a wall time up
 * among all that the clock shows, zone by zone; a store that stays in its zone has Temporal's own answers.
 */
export class StoreClock {
  readonly #stays: { zone: string; from: number; until: number }[];
  readonly #known = new Map<string, number>();

  constructor({ zone, calendar }: Pick<StoreFacts, 'zone' | 'calendar'>) {
    this.#stays = [{ zone, from: -Infinity, until: Infinity }];
    for (const change of calendar?.zoneChanges ?? []) {
      const last = this.#stays.at(-1)!;
      const midnight = compatible(dateOf(change.fromDate).toPlainDateTime(), last.zone);
      last.until = Math.max(last.from, midnight);
      this.#stays.push({ zone: change.zone, from: last.until, until: Infinity });
    }
  }

  /** The date that the clock shows at an instant. */
  dateAt(us: number): Temporal.PlainDate {
    return toZoned(us, this.#zoneAt(us)).toPlainDate();
  }

  instantOf(local: Temporal.PlainDateTime): number {
    if (this.#stays.length === 1) return compatible(local, this.#stays[0]!.zone);
    const key = local.toString();
    const known = this.#known.get(key) ?? this.#lookUp(local);
    this.#known.set(key, known);
    return known;
  }

  #lookUp(local: Temporal.PlainDateTime): number {
    const wall = toMicroseconds(local.toZonedDateTime('UTC'));
    const near = this.#stays.filter(({ from, until }) => from < wall + DAY && wall - DAY < until);
    const shown = near.flatMap(({ zone, from, until }) =>
      (['earlier', 'later'] as const)
        .map((way) => local.toZonedDateTime(zone, { disambiguation: way }))
        .filter((zoned) => zoned.toPlainDateTime().equals(local))
        .map(toMicroseconds)
        .filter((us) => from <= us && us < until),
    );
    return shown.length > 0 ? Math.min(...shown) : this.#pushForward(local, wall);
  }

  /** From before the first moment at which the clock jumps over a wall time. */
  #pushForward(local: Temporal.PlainDateTime, wall: number): number {
    for (const us of this.#jumpsAround(wall)) {
      const before = us + offsetUs(us - 1, this.#zoneAt(us - 1));
      const after = us + offsetUs(us, this.#zoneAt(us));
      if (before <= wall && wall < after) return us + (wall - before);
    }
    throw new Error(`${local.toString()} is neither shown nor skipped`);
  }

  #jumpsAround(us: number): number[] {
    const jumps = this.#stays.flatMap(({ zone, from, until }) => {
      const own: number[] = [];
      let cursor = toZoned(us - 3 * DAY, zone).getTimeZoneTransition('next');
      while (cursor !== null && toMicroseconds(cursor) < us + 3 * DAY) {
        if (from < toMicroseconds(cursor) && toMicroseconds(cursor) < until) own.push(toMicroseconds(cursor));
        cursor = cursor.getTimeZoneTransition('next');
      }
      return Number.isFinite(from) ? [from, ...own] : own;
    });
    return jumps.sort((one, other) => one - other);
  }

  #zoneAt(us: number): string {
    return this.#stays.find(({ from, until }) => from <= us && us < until)!.zone;
  }
}

/** The date that is so many days after 1970-01-01. */
export function dateOf(days: number): Temporal.PlainDate {
  return new Temporal.PlainDate(1970, 1, 1).add({ days });
}

/** The inverse of `dateOf`. */
export function daysOf(date: Temporal.PlainDate): number {
  return new Temporal.PlainDate(1970, 1, 1).until(date).days;
}

function compatible(local: Temporal.PlainDateTime, zone: string): number {
  return toMicroseconds(local.toZonedDateTime(zone, { disambiguation: 'compatible' }));
}

function toZoned(us: number, zone: string): Temporal.ZonedDateTime {
  return new Temporal.Instant(BigInt(us) * 1000n).toZonedDateTimeISO(zone);
}

function toMicroseconds(zoned: Temporal.ZonedDateTime): number {
  return Number(zoned.epochNanoseconds / 1000n);
}

function offsetUs(us: number, zone: string): number {
  return toZoned(us, zone).offsetNanoseconds / 1000;
}
