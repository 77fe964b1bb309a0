import {
  assess,
  DEFAULT_POLICY,
  earliestRelevantUs,
  pollCode,
  type StoreCalendar,
  type StoreFacts,
  timelineOf,
  type WeeklyWindow,
} from './index.js';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;

function us(iso: string): number {
  return Date.parse(`${iso}Z`) * 1000;
}

function daily(startHour: number, endHour: number): WeeklyWindow[] {
  return [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({
    weekday,
    startSecond: startHour * 3600,
    endSecond: endHour * 3600,
  }));
}

/** A store without polls; each change is a date and the zone from then on. */
function moving(
  zone: string,
  hours: StoreFacts['hours'],
  ...changes: readonly (readonly [date: string, zone: string])[]
): StoreFacts {
  const calendar: StoreCalendar = {
    zoneChanges: changes.map(([date, to]) => ({ fromDate: us(date) / DAY, zone: to })),
    hoursChanges: [],
    exceptions: new Map(),
    activeFrom: null,
    activeUntil: null,
  };
  return { zone, hours, calendar, polls: [] };
}

/** The opening hours of a business day in UTC. */
function openOn(facts: StoreFacts, date: string, asOf: string): string[] | undefined {
  const { days } = timelineOf(facts, us(asOf), DEFAULT_POLICY);
  const iso = (instantUs: number) => new Date(instantUs / 1000).toISOString().slice(0, 16);
  return days
    .find((day) => day.date === us(date) / DAY)
    ?.open.map(({ startUs, endUs }) => `${iso(startUs)} ${iso(endUs)}`);
}

describe('a store that changes its zone', () => {
  const asOf = '2023-01-20T12:00';
  // Chicago is an hour behind New York; both have no transition of their own in January.
  const toTheEast = (hours: StoreFacts['hours']) =>
    moving('America/Chicago', hours, ['2023-01-18', 'America/New_York']);
  const toTheWest = (hours: StoreFacts['hours']) =>
    moving('America/New_York', hours, ['2023-01-18', 'America/Chicago']);

  it('keeps the day before and shortens the first date when it moves to the east', () => {
    expect(openOn(toTheEast(null), '2023-01-17', asOf)).toEqual(['2023-01-17T06:00 2023-01-18T06:00']);
    expect(openOn(toTheEast(null), '2023-01-18', asOf)).toEqual(['2023-01-18T06:00 2023-01-19T05:00']);
  });

  it('prolongs the day before when it moves to the west', () => {
    expect(openOn(toTheWest(null), '2023-01-17', asOf)).toEqual(['2023-01-17T05:00 2023-01-18T06:00']);
    expect(openOn(toTheWest(null), '2023-01-18', asOf)).toEqual(['2023-01-18T06:00 2023-01-19T06:00']);
  });

  it('closes at the new time what it opened at the old', () => {
    expect(openOn(toTheEast(daily(22, 2)), '2023-01-17', asOf)).toEqual([
      '2023-01-18T04:00 2023-01-18T07:00',
    ]);
    expect(openOn(toTheWest(daily(22, 2)), '2023-01-17', asOf)).toEqual([
      '2023-01-18T03:00 2023-01-18T08:00',
    ]);
  });

  it('takes a time that is shown twice for the first, and pushes one that is skipped forward', () => {
    expect(openOn(toTheWest(daily(23, 23.5)), '2023-01-17', asOf)).toEqual([
      '2023-01-18T04:00 2023-01-18T04:30',
    ]);
    expect(openOn(toTheEast(daily(0, 0.5)), '2023-01-18', asOf)).toEqual([
      '2023-01-18T06:00 2023-01-18T06:30',
    ]);
  });

  it('keeps or skips a whole date and more between the outermost zones', () => {
    const east = moving('Etc/GMT+12', daily(9, 17), ['2023-01-18', 'Pacific/Kiritimati']);
    expect(openOn(east, '2023-01-17', asOf)).toEqual(['2023-01-17T21:00 2023-01-18T05:00']);
    // At 18T12:00 it turns from 18 00:00 to 19 02:00.
    expect(openOn(east, '2023-01-18', asOf)).toEqual(['2023-01-18T21:00 2023-01-19T05:00']);
    expect(openOn(east, '2023-01-19', asOf)).toEqual(['2023-01-18T19:00 2023-01-18T21:00']);
    const west = moving('Pacific/Kiritimati', null, ['2023-01-18', 'Etc/GMT+12']);
    expect(openOn(west, '2023-01-17', asOf)).toEqual(['2023-01-16T10:00 2023-01-18T12:00']);
  });

  it('is open around the clock without a gap, however often it moves', () => {
    const facts = moving(
      'America/Chicago',
      null,
      ['2023-01-13', 'Pacific/Kiritimati'],
      ['2023-01-14', 'Etc/GMT+12'],
      ['2023-01-15', 'Pacific/Apia'],
      ['2023-01-17', 'Asia/Kathmandu'],
    );
    expect(assess(facts, us(asOf), DEFAULT_POLICY).lastWeek.openUs).toBe(7 * DAY);
  });

  it('never meets a transition of the former zone in the night in which it leaves it', () => {
    // Beirut skips from 00:00 to 01:00, to the offset that Berlin has already.
    const beirut = moving('Asia/Beirut', null, ['2023-03-30', 'Europe/Berlin']);
    expect(openOn(beirut, '2023-03-30', '2023-04-01T12:00')).toEqual(['2023-03-29T22:00 2023-03-30T22:00']);
    // Havana shows 00:00 twice; New York takes over at the first and falls back by itself two hours later.
    const havana = moving('America/Havana', null, ['2022-11-06', 'America/New_York']);
    expect(openOn(havana, '2022-11-06', '2022-11-08T12:00')).toEqual(['2022-11-06T04:00 2022-11-07T05:00']);
  });

  it('lets a change hold at once whose date the change before it skipped', () => {
    const facts = moving(
      'Pacific/Pago_Pago',
      null,
      ['2023-01-18', 'Pacific/Kiritimati'],
      ['2023-01-19', 'UTC'],
    );
    expect(openOn(facts, '2023-01-18', asOf)).toEqual(['2023-01-18T11:00 2023-01-19T00:00']);
    expect(openOn(facts, '2023-01-19', asOf)).toEqual(['2023-01-19T00:00 2023-01-20T00:00']);
  });

  it('is in the other zone for a date whose length two changes leave as it was', () => {
    const there = ['2023-01-17', 'Europe/Berlin'] as const;
    const back = ['2023-01-18', 'America/Chicago'] as const;
    const around = moving('America/Chicago', null, there, back);
    expect(openOn(around, '2023-01-17', asOf)).toEqual(['2023-01-17T06:00 2023-01-18T06:00']);
    const noon = moving('America/Chicago', daily(12, 18), there, back);
    expect(openOn(noon, '2023-01-17', asOf)).toEqual(['2023-01-17T11:00 2023-01-17T17:00']);
  });
});

describe('the windows of a store that changes its zone', () => {
  const policy = { ...DEFAULT_POLICY, windows: 'calendar' } as const;
  const windowsAt = (facts: StoreFacts, asOf: string) => {
    const { lastDay, lastWeek } = assess(facts, us(asOf), policy);
    return [lastDay.openUs / HOUR, lastWeek.openUs / HOUR];
  };

  it('are of the new date at the very instant of a move to the east', () => {
    const facts = moving('America/Chicago', null, ['2023-01-18', 'America/New_York']);
    expect(windowsAt(facts, '2023-01-18T05:59')).toEqual([24 - 1 / 60, 7 * 24 - 1 / 60]);
    expect(windowsAt(facts, '2023-01-18T06:00')).toEqual([0, 6 * 24]);
    expect(windowsAt(facts, '2023-01-18T06:30')).toEqual([0.5, 6 * 24 + 0.5]);
  });

  it('stay with the date that a move to the west shows again', () => {
    const facts = moving('America/New_York', null, ['2023-01-18', 'America/Chicago']);
    expect(windowsAt(facts, '2023-01-18T05:00')).toEqual([24, 7 * 24]);
    expect(windowsAt(facts, '2023-01-18T05:30')).toEqual([24.5, 7 * 24 + 0.5]);
    expect(windowsAt(facts, '2023-01-18T06:00')).toEqual([0, 6 * 24 + 1]);
  });

  it('are empty, not reversed, where a skipped 00:00 is pushed past asOf', () => {
    const facts = moving('Etc/GMT+12', null, ['2023-01-18', 'Pacific/Kiritimati']);
    expect(windowsAt(facts, '2023-01-18T13:00')).toEqual([0, 121]);
  });

  it('can need a poll from ten days and two hours ago, and such polls are not called irrelevant', () => {
    const hours = [
      { weekday: 0, startSecond: 0, endSecond: 3600 },
      { weekday: 0, startSecond: 86_400, endSecond: 86_400 },
    ];
    const poll = us('2023-01-08T10:00');
    const asOfUs = us('2023-01-18T11:59');
    const facts = moving('Pacific/Kiritimati', hours, ['2023-01-11', 'Etc/GMT+12']);
    const { lastWeek } = assess({ ...facts, polls: [pollCode(poll, true)] }, asOfUs, DEFAULT_POLICY);
    expect(lastWeek.uptimeUs).toBe(HOUR / 60);
    expect(asOfUs - poll).toBe(10 * DAY + 2 * HOUR - HOUR / 60);
    expect(earliestRelevantUs(asOfUs)).toBeLessThan(poll);
  });
});

describe('a change of zone that cannot be seen in a report', () => {
  const asOfUs = us('2023-01-18T12:00');
  const weekOf = (facts: StoreFacts) => timelineOf(facts, asOfUs, DEFAULT_POLICY).week;
  const stayed = weekOf(moving('America/Chicago', null));

  it.each([
    ['names the same zone', ['2023-01-17', 'America/Chicago']],
    ['names it otherwise', ['2023-01-17', ' us/central ']],
    ['comes later', ['2023-02-17', 'Asia/Tokyo']],
  ] as const)('leaves the store what all stores of its zone share when it %s', (_why, change) => {
    expect(weekOf(moving('America/Chicago', null, change))).toBe(stayed);
  });

  it('gives the store what all stores of its new zone share when it is long past', () => {
    expect(weekOf(moving('Asia/Tokyo', null, ['2022-12-01', 'America/Chicago']))).toBe(stayed);
  });

  it('is kept for all stores that make the same one', () => {
    const moved = () => moving('Asia/Tokyo', null, ['2023-01-16', 'America/Chicago']);
    expect(weekOf(moved())).toBe(weekOf(moved()));
    expect(weekOf(moved())).not.toBe(stayed);
  });
});

describe('a mistake in changes of zone', () => {
  const asOfUs = us('2023-01-18T12:00');

  it('is named: a zone that does not exist', () => {
    const facts = moving('UTC', null, ['2023-01-17', 'Mars/Olympus']);
    expect(() => assess(facts, asOfUs, DEFAULT_POLICY)).toThrow(RangeError);
  });

  it('is named: two for one date', () => {
    const facts = moving('UTC', null, ['2023-01-17', 'Asia/Tokyo'], ['2023-01-17', 'UTC']);
    expect(() => assess(facts, asOfUs, DEFAULT_POLICY)).toThrow(/one for each date/);
  });
});
