import {
  assess,
  DEFAULT_POLICY,
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

function date(iso: string): number {
  return us(iso) / DAY;
}

function window(startHour: number, endHour: number) {
  return { startSecond: startHour * 3600, endSecond: endHour * 3600 };
}

function daily(...windows: (readonly [startHour: number, endHour: number])[]): WeeklyWindow[] {
  return [0, 1, 2, 3, 4, 5, 6].flatMap((weekday) =>
    windows.map(([startHour, endHour]) => ({
      weekday,
      startSecond: startHour * 3600,
      endSecond: endHour * 3600,
    })),
  );
}

function store(hours: StoreFacts['hours'], calendar: Partial<StoreCalendar>): StoreFacts {
  const none = {
    zoneChanges: [],
    hoursChanges: [],
    exceptions: new Map(),
    activeFrom: null,
    activeUntil: null,
  };
  return { zone: 'UTC', hours, calendar: { ...none, ...calendar }, polls: [] };
}

/** The opening hours of a business day in January 2023 as day and hour. */
function openOn(facts: StoreFacts, day: number, asOf = '2023-01-20T12:00'): string[] | undefined {
  const { days } = timelineOf(facts, us(asOf), DEFAULT_POLICY);
  const dayAndTime = (instantUs: number) => new Date(instantUs / 1000).toISOString().slice(8, 16);
  return days
    .find((one) => one.date === date(`2023-01-${day}`))
    ?.open.map(({ startUs, endUs }) => `${dayAndTime(startUs)} ${dayAndTime(endUs)}`);
}

describe('hours that change', () => {
  const change = (hours: StoreFacts['hours']) => ({
    hoursChanges: [{ fromDate: date('2023-01-18'), hours }],
  });

  it('hold from the business day of their date on', () => {
    const facts = store(daily([9, 17]), change(daily([10, 12])));
    expect(openOn(facts, 17)).toEqual(['17T09:00 17T17:00']);
    expect(openOn(facts, 18)).toEqual(['18T10:00 18T12:00']);
    expect(openOn(facts, 19)).toEqual(['19T10:00 19T12:00']);
  });

  it('let the night before end as it began, and cut the first day by it', () => {
    const facts = store(daily([22, 2]), change(null));
    expect(openOn(facts, 17)).toEqual(['17T22:00 18T02:00']);
    expect(openOn(facts, 18)).toEqual(['18T02:00 19T00:00']);
  });

  it('close a store on weekdays that they do not name', () => {
    const facts = store(null, change([{ weekday: 3, ...window(8, 9) }]));
    expect([17, 18, 19].map((day) => openOn(facts, day))).toEqual([
      ['17T00:00 18T00:00'],
      undefined,
      ['19T08:00 19T09:00'],
    ]);
  });

  it('are the last that began where several did', () => {
    const facts = store(null, {
      hoursChanges: [
        { fromDate: date('2022-06-01'), hours: daily([1, 2]) },
        { fromDate: date('2022-12-01'), hours: daily([3, 4]) },
        { fromDate: date('2023-06-01'), hours: daily([5, 6]) },
      ],
    });
    expect(openOn(facts, 18)).toEqual(['18T03:00 18T04:00']);
  });
});

describe('the hours of one date', () => {
  const except = (day: number, ...windows: (readonly [number, number])[]) => ({
    exceptions: new Map([[date(`2023-01-${day}`), windows.map(([start, end]) => window(start, end))]]),
  });

  it('replace the weekly ones of that date alone', () => {
    const facts = store(daily([9, 17]), except(18, [6, 7], [12, 13]));
    expect(openOn(facts, 17)).toEqual(['17T09:00 17T17:00']);
    expect(openOn(facts, 18)).toEqual(['18T06:00 18T07:00', '18T12:00 18T13:00']);
    expect(openOn(facts, 19)).toEqual(['19T09:00 19T17:00']);
  });

  it('close the store when there are none, around the clock or not', () => {
    expect(openOn(store(null, except(18)), 18)).toBeUndefined();
    const { lastWeek } = assess(store(null, except(18)), us('2023-01-20T12:00'), DEFAULT_POLICY);
    expect(lastWeek.openUs).toBe(6 * DAY);
  });

  it('do not end a night that began on the date before', () => {
    const facts = store(daily([22, 2]), except(18));
    expect(openOn(facts, 17)).toEqual(['17T22:00 18T02:00']);
  });

  it('run past midnight, end at 24:00 and cut the next date as weekly ones do', () => {
    expect(openOn(store(null, except(18, [20, 3])), 18)).toEqual(['18T20:00 19T03:00']);
    expect(openOn(store(null, except(18, [20, 3])), 19)).toEqual(['19T03:00 20T00:00']);
    const toTheMinute = store(daily([9, 17]), except(18, [20, 23 + 59 / 60]));
    expect(openOn(toTheMinute, 18)).toEqual(['18T20:00 19T00:00']);
  });

  it('hold against changed hours too', () => {
    const hoursChanges = [{ fromDate: date('2023-01-18'), hours: null }];
    const facts = store(daily([9, 17]), { hoursChanges, ...except(18, [1, 2]) });
    expect(openOn(facts, 18)).toEqual(['18T01:00 18T02:00']);
  });
});

describe('active dates', () => {
  const hoursOf = (facts: StoreFacts, asOf: string) => {
    const { lastHour, lastDay, lastWeek } = assess(facts, us(asOf), DEFAULT_POLICY);
    return [lastHour, lastDay, lastWeek].map(({ openUs, inactiveUs }) => [openUs / HOUR, inactiveUs / HOUR]);
  };

  it('exclude what is before the first of them, and tell it', () => {
    const facts = store(null, { activeFrom: date('2023-01-18') });
    expect(hoursOf(facts, '2023-01-20T12:00')).toEqual([
      [1, 0],
      [24, 0],
      [60, 108],
    ]);
  });

  it('exclude what is after the last of them, up to asOf, and tell it', () => {
    const facts = store(null, { activeUntil: date('2023-01-18') });
    expect(hoursOf(facts, '2023-01-20T12:00')).toEqual([
      [0, 1],
      [0, 24],
      [132, 36],
    ]);
  });

  it('tell only what would have been open', () => {
    const facts = store(daily([9, 17]), { activeFrom: date('2023-01-20') });
    expect(hoursOf(facts, '2023-01-20T12:00')).toEqual([
      [1, 0],
      [3, 5],
      [3, 5 + 6 * 8],
    ]);
  });

  it('lose nothing to the night of an inactive date before them', () => {
    const facts = store(daily([20, 4], [2, 6]), { activeFrom: date('2023-01-18') });
    const asOf = '2023-01-18T06:00';
    expect(openOn(facts, 17, asOf)).toBeUndefined();
    expect(openOn(facts, 18, asOf)).toEqual(['18T02:00 18T06:00', '18T20:00 19T04:00']);
    expect(hoursOf(facts, asOf)[1]).toEqual([4, 6]);
    expect(hoursOf(store(facts.hours, {}), asOf)[1]).toEqual([10, 0]);
  });

  it('end with the night of their last date', () => {
    const facts = store(daily([20, 4], [2, 6]), { activeUntil: date('2023-01-17') });
    expect(openOn(facts, 17)!.at(-1)).toBe('17T20:00 18T04:00');
    expect(hoursOf(facts, '2023-01-18T06:00')[1]).toEqual([8, 2]);
  });

  it('leave polls on other dates outside open time', () => {
    const polls = ['16T12:00', '18T03:00', '18T05:00'].map((time) => pollCode(us(`2023-01-${time}`), false));
    const facts = store(daily([20, 4], [2, 6]), {
      activeFrom: date('2023-01-17'),
      activeUntil: date('2023-01-17'),
    });
    const { lastWeek } = assess({ ...facts, polls }, us('2023-01-18T06:00'), DEFAULT_POLICY);
    expect(lastWeek).toMatchObject({ polls: 1, pollsOutsideHours: 2, downtimeUs: 12 * HOUR });
  });

  it('are followed by stretches that a timeline names', () => {
    const facts = store(daily([9, 17]), { activeUntil: date('2023-01-18') });
    const { inactive } = timelineOf(facts, us('2023-01-20T12:00'), DEFAULT_POLICY);
    expect(inactive).toEqual([
      { startUs: us('2023-01-19T09:00'), endUs: us('2023-01-19T17:00') },
      { startUs: us('2023-01-20T09:00'), endUs: us('2023-01-20T12:00') },
    ]);
  });
});

describe('a mistake in a calendar', () => {
  const assessing = (calendar: Partial<StoreCalendar>) => () =>
    assess(store(null, calendar), us('2023-01-18T12:00'), DEFAULT_POLICY);

  it('is named: changes out of order', () => {
    const hoursChanges = [18, 17].map((day) => ({ fromDate: date(`2023-01-${day}`), hours: null }));
    expect(assessing({ hoursChanges })).toThrow(/changes must be sorted/);
  });

  it('is named: an empty list of hours, where null would mean around the clock', () => {
    expect(assessing({ hoursChanges: [{ fromDate: date('2023-01-17'), hours: [] }] })).toThrow(/hours null/);
  });

  it('is named: impossible hours of a date', () => {
    const exceptions = new Map([[date('2023-01-17'), [{ startSecond: 0, endSecond: 90_000 }]]]);
    expect(assessing({ exceptions })).toThrow(/no such hours on date 19374: seconds 0 to 90000/);
  });
});
