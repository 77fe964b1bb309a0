import {
  assess,
  DEFAULT_POLICY,
  earliestRelevantUs,
  pollCode,
  type StoreFacts,
  timelineOf,
  type WeeklyWindow,
} from './index.js';
import { outagesOf } from './outages.js';

const HOUR = 3_600_000_000;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

function us(iso: string): number {
  return Date.parse(iso) * 1000;
}

function daily(startHour: number, endHour: number): WeeklyWindow[] {
  return EVERY_DAY.map((weekday) => ({ weekday, startSecond: startHour * 3600, endSecond: endHour * 3600 }));
}

function openOn(facts: Omit<StoreFacts, 'polls'>, date: string, asOf: string) {
  const { days } = timelineOf({ ...facts, polls: [] }, us(asOf), DEFAULT_POLICY);
  const day = days.find((one) => one.date === Date.parse(date) / 86_400_000);
  return day?.open.map(({ startUs, endUs }) => [
    new Date(startUs / 1000).toISOString(),
    new Date(endUs / 1000).toISOString(),
  ]);
}

describe('a timeline', () => {
  const facts: StoreFacts = {
    zone: 'UTC',
    hours: daily(9, 17),
    polls: [
      pollCode(us('2023-01-18T08:00:00Z'), false),
      pollCode(us('2023-01-18T10:00:00Z'), true),
      pollCode(us('2023-01-18T12:00:00Z'), true),
      pollCode(us('2023-01-18T14:00:00Z'), false),
    ],
  };
  const asOfUs = us('2023-01-18T16:00:00Z');
  const today = (policy = DEFAULT_POLICY) => timelineOf(facts, asOfUs, policy).days.at(-1)!;

  it('says of each segment which poll decides it and why', () => {
    const [, first, second, third] = facts.polls;
    expect(
      today().segments.map(({ endUs, status, poll, reason, proved }) => [
        endUs,
        status,
        poll,
        reason,
        proved,
      ]),
    ).toEqual([
      [us('2023-01-18T10:00:00Z'), 'up', first, 'reaches-back', false],
      [us('2023-01-18T12:00:00Z'), 'up', first, 'holds', true],
      [us('2023-01-18T14:00:00Z'), 'up', second, 'holds', false],
      [asOfUs, 'down', third, 'holds', false],
    ]);
  });

  it('changes status half way between two polls with the estimator nearest', () => {
    const change = today({ ...DEFAULT_POLICY, estimator: 'nearest' }).segments.find(
      ({ status }) => status === 'down',
    );
    expect(change!.startUs).toBe(us('2023-01-18T13:00:00Z'));
  });

  it('keeps the opening hours after asOf, which polls at asOf need', () => {
    expect(today().open).toEqual([
      { startUs: us('2023-01-18T09:00:00Z'), endUs: us('2023-01-18T17:00:00Z') },
    ]);
    expect(today().segments.at(-1)!.endUs).toBe(asOfUs);
  });

  it('keeps apart the polls outside hours', () => {
    const timeline = timelineOf(facts, asOfUs, DEFAULT_POLICY);
    expect(timeline.pollsOutsideHours).toEqual([facts.polls[0]]);
    expect(timeline.countingPolls).toEqual(facts.polls.slice(1));
  });

  it('counts a poll at asOf even where the store opens at that very instant', () => {
    const opening = us('2023-01-19T09:00:00Z');
    const { lastHour } = assess({ ...facts, polls: [pollCode(opening, true)] }, opening, DEFAULT_POLICY);
    expect(lastHour).toMatchObject({ polls: 1, pollsOutsideHours: 0, openUs: 0 });
  });
});

describe('business days', () => {
  it('lie on the next date when a window both starts and ends at 24:00', () => {
    const hours = [{ weekday: 2, startSecond: 86_400, endSecond: 86_400 }];
    expect(openOn({ zone: 'UTC', hours }, '2023-01-18', '2023-01-20T12:00:00Z')).toEqual([
      ['2023-01-19T00:00:00.000Z', '2023-01-20T00:00:00.000Z'],
    ]);
  });

  it('leave nothing of a date that is covered by the one before', () => {
    const hours = [
      { weekday: 2, startSecond: 10 * 3600, endSecond: 10 * 3600 },
      { weekday: 3, startSecond: 8 * 3600, endSecond: 9 * 3600 },
    ];
    expect(openOn({ zone: 'UTC', hours }, '2023-01-19', '2023-01-20T12:00:00Z')).toBeUndefined();
  });

  it('keep what lies around a window that a gap pushed into their middle', () => {
    const zone = 'America/Nuuk';
    const hours = [
      { weekday: 5, startSecond: 23 * 3600 + 1800, endSecond: 3600 + 1800 },
      { weekday: 6, startSecond: 0, endSecond: 3 * 3600 },
    ];
    const asOf = '2024-04-01T12:00:00Z';
    expect(openOn({ zone, hours }, '2024-03-30', asOf)).toEqual([
      ['2024-03-31T01:30:00.000Z', '2024-03-31T02:30:00.000Z'],
    ]);
    expect(openOn({ zone, hours }, '2024-03-31', asOf)).toEqual([
      ['2024-03-31T01:00:00.000Z', '2024-03-31T01:30:00.000Z'],
      ['2024-03-31T02:30:00.000Z', '2024-03-31T04:00:00.000Z'],
    ]);
  });

  it('take the polls of their own pieces where two of them interleave, and list outages by start', () => {
    const facts: StoreFacts = {
      zone: 'America/Nuuk',
      hours: [
        { weekday: 5, startSecond: 23 * 3600 + 1800, endSecond: 3600 + 1800 },
        { weekday: 6, startSecond: 0, endSecond: 3 * 3600 },
      ],
      polls: ['01:15', '02:00', '03:00'].map((time) => pollCode(us(`2024-03-31T${time}:00Z`), false)),
    };
    const [first, second, third] = facts.polls;
    const timeline = timelineOf(facts, us('2024-04-01T12:00:00Z'), DEFAULT_POLICY);
    expect(timeline.days.map(({ polls }) => polls)).toEqual([[second], [first, third]]);
    expect(outagesOf(timeline).map(({ startUs, openUs }) => [startUs, openUs])).toEqual([
      [us('2024-03-31T01:00:00Z'), 2 * HOUR],
      [us('2024-03-31T01:30:00Z'), HOUR],
    ]);
  });

  it('include the next date where the clock has shown it already and fallen back', () => {
    const { days } = timelineOf(
      { zone: 'America/St_Johns', hours: null, polls: [] },
      us('2010-11-07T03:00:00Z'),
      DEFAULT_POLICY,
    );
    expect(days.at(-1)!.segments).toMatchObject([
      { startUs: us('2010-11-07T02:30:00Z'), endUs: us('2010-11-07T03:00:00Z') },
    ]);
  });

  it('take evidence from nearly nine days back, and such polls are not called irrelevant', () => {
    const hours = [
      { weekday: 0, startSecond: 0, endSecond: 3600 },
      { weekday: 0, startSecond: 23 * 3600 + 1800, endSecond: 23 * 3600 + 1800 },
    ];
    const poll = us('2023-01-09T00:30:00Z');
    const asOfUs = us('2023-01-17T23:00:00Z');
    const { lastWeek } = assess(
      { zone: 'UTC', hours, polls: [pollCode(poll, true)] },
      asOfUs,
      DEFAULT_POLICY,
    );
    expect(lastWeek.uptimeUs).toBe(HOUR / 2);
    expect(earliestRelevantUs(asOfUs)).toBeLessThan(poll);
  });

  it('take the windows of a skipped date as pushed to the next, and open around the clock only once', () => {
    const asOf = '2012-01-02T12:00:00Z';
    expect(openOn({ zone: 'Pacific/Apia', hours: daily(9, 17) }, '2011-12-30', asOf)).toEqual([
      ['2011-12-30T19:00:00.000Z', '2011-12-31T03:00:00.000Z'],
    ]);
    expect(openOn({ zone: 'Pacific/Apia', hours: daily(9, 17) }, '2011-12-31', asOf)).toBeUndefined();
    expect(openOn({ zone: 'Pacific/Apia', hours: null }, '2011-12-30', asOf)).toBeUndefined();
  });
});

describe('a mistake in what the engine is given', () => {
  const facts: StoreFacts = { zone: 'UTC', hours: null, polls: [] };
  const asOfUs = us('2023-01-18T16:00:00Z');
  const withFacts = (changes: Partial<StoreFacts>) => () =>
    assess({ ...facts, ...changes }, asOfUs, DEFAULT_POLICY);

  it('is named: an unknown zone', () => {
    expect(withFacts({ zone: 'Mars/Olympus' })).toThrow(RangeError);
  });

  it('is named: polls out of order, or two at one instant', () => {
    const [one, other] = [pollCode(asOfUs - HOUR, true), pollCode(asOfUs - 2 * HOUR, true)];
    expect(withFacts({ polls: [one, other] })).toThrow(/must be sorted/);
    expect(withFacts({ polls: [other, other + 1 - (other % 2) * 2].sort() })).toThrow(/one for each instant/);
  });

  it('is named: an empty list of hours, where null would mean around the clock', () => {
    expect(withFacts({ hours: [] })).toThrow(/hours null/);
  });

  it.each([
    { weekday: 7, startSecond: 0, endSecond: 1 },
    { weekday: 0, startSecond: -1, endSecond: 1 },
    { weekday: 0, startSecond: 0, endSecond: 86_401 },
    { weekday: 0, startSecond: 0.5, endSecond: 1 },
  ])('is named: impossible hours %j', (window) => {
    expect(withFacts({ hours: [window] })).toThrow(/no such business hours/);
  });

  it('is named: an asOf that is no instant', () => {
    expect(() => assess(facts, Number.NaN, DEFAULT_POLICY)).toThrow(/asOf must be whole microseconds/);
  });
});
