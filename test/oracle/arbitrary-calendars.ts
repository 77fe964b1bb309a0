import fc from 'fast-check';
import type {
  DatedWindow,
  HoursChange,
  Interval,
  StoreCalendar,
  StoreFacts,
  ZoneChange,
} from '../../src/availability/index.js';
import { arbitraryStore, wholeSecond, weeklyHours } from './arbitrary-stores.js';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;

/** The outermost offsets and their neighbours, zones with transitions of their own, and one that many stores are in. */
const ZONES = [
  'Etc/GMT+12',
  'Pacific/Pago_Pago',
  'Pacific/Kiritimati',
  'Pacific/Apia',
  'America/Chicago',
  'America/St_Johns',
  'America/Havana',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/Berlin',
];

/** Mostly within the dates that matter, some long before and after them; as a distance from the date of asOf. */
const aside = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -10, max: 2 }) },
  { weight: 2, arbitrary: fc.integer({ min: -30, max: 12 }) },
  { weight: 1, arbitrary: fc.integer({ min: -4000, max: 4000 }) },
);

const datedWindow: fc.Arbitrary<DatedWindow> = fc.record({
  startSecond: wholeSecond,
  endSecond: wholeSecond,
});

function inOrder<T extends { readonly fromDate: number }>(changes: readonly T[]): T[] {
  return changes.toSorted((one, other) => one.fromDate - other.fromDate);
}

const byDate = { selector: ({ fromDate }: { readonly fromDate: number }) => fromDate };

/** Also several within few dates, so that one falls into what another skipped. */
export function arbitraryZoneChanges(zone: string, today: number): fc.Arbitrary<ZoneChange[]> {
  const change = fc.record({
    fromDate: aside.map((days) => today + days),
    zone: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...ZONES) },
      { weight: 1, arbitrary: fc.constant(zone) },
    ),
  });
  return fc.uniqueArray(change, { maxLength: 4, ...byDate }).map(inOrder);
}

function arbitraryHoursChanges(today: number): fc.Arbitrary<HoursChange[]> {
  const change = fc.record({ fromDate: aside.map((days) => today + days), hours: weeklyHours });
  return fc.uniqueArray(change, { maxLength: 3, ...byDate }).map(inOrder);
}

function arbitraryCalendar(zone: string, today: number): fc.Arbitrary<StoreCalendar> {
  const date = aside.map((days) => today + days);
  return fc.record({
    zoneChanges: fc.oneof(fc.constant([]), arbitraryZoneChanges(zone, today)),
    hoursChanges: fc.oneof(fc.constant([]), arbitraryHoursChanges(today)),
    exceptions: fc
      .array(fc.tuple(date, fc.array(datedWindow, { maxLength: 3 })), { maxLength: 4 })
      .map((dates) => new Map(dates)),
    activeFrom: fc.option(date),
    activeUntil: fc.option(date),
  });
}

export interface CalendarStore {
  readonly facts: StoreFacts & { readonly calendar: StoreCalendar };
  readonly asOfUs: number;
}

/** An arbitrary store for which other things hold on other dates. */
export const arbitraryCalendarStore: fc.Arbitrary<CalendarStore> = arbitraryStore.chain(({ facts, asOfUs }) =>
  arbitraryCalendar(facts.zone, Math.floor(asOfUs / DAY)).map((calendar) => ({
    facts: { ...facts, calendar },
    asOfUs,
  })),
);

/** Stretches of some minutes to some days around the week before asOf, sorted and apart. */
export function arbitraryOutages(asOfUs: number): fc.Arbitrary<Interval[]> {
  const edge = fc.integer({ min: -9 * 24, max: 4 }).map((hours) => asOfUs + hours * HOUR);
  const edges = fc.uniqueArray(fc.tuple(edge, fc.constantFrom(-1, 0, 1)), {
    maxLength: 8,
    selector: ([us]) => us,
  });
  return edges.map((all) => {
    const sorted = all.map(([us, more]) => us + more).sort((one, other) => one - other);
    return sorted.flatMap((endUs, i) => (i % 2 === 1 ? [{ startUs: sorted[i - 1]!, endUs }] : []));
  });
}
