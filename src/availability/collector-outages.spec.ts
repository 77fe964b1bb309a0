import { assess, DEFAULT_POLICY, type Interval, pollCode, type StoreFacts } from './index.js';

const HOUR = 3_600_000_000;

function us(time: string): number {
  return Date.parse(`2023-01-${time}Z`) * 1000;
}

function stretch(start: string, end: string): Interval {
  return { startUs: us(start), endUs: us(end) };
}

describe('stretches without a collector', () => {
  /** Open from 9 to 17, and polled on the 18th alone. */
  const facts: StoreFacts = {
    zone: 'UTC',
    hours: [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({
      weekday,
      startSecond: 9 * 3600,
      endSecond: 17 * 3600,
    })),
    polls: [pollCode(us('18T09:30'), true)],
  };
  const asOfUs = us('18T16:00');
  const hoursIn = (outages: Interval[], policy = DEFAULT_POLICY) => {
    const { lastHour, lastDay, lastWeek } = assess(facts, asOfUs, policy, outages);
    return [lastHour, lastDay, lastWeek].map(({ unobservedInOutageUs }) => unobservedInOutageUs / HOUR);
  };

  it('explain the unobserved open time in them, not the closed hours', () => {
    expect(hoursIn([stretch('17T08:00', '17T10:00'), stretch('17T12:00', '17T13:00')])).toEqual([0, 0, 2]);
  });

  it('explain nothing on a day that has a counting poll', () => {
    expect(hoursIn([stretch('18T10:00', '18T15:30')])).toEqual([0, 0, 0]);
  });

  it('are cut by the windows and by asOf', () => {
    expect(hoursIn([stretch('17T15:30', '17T20:00')])).toEqual([0, 1, 1.5]);
    // 11T16:00 to 17:00, six days of eight hours; all that is unobserved, and no more.
    expect(hoursIn([stretch('01T00:00', '31T00:00')])).toEqual([0, 1, 49]);
  });

  it.each(['down', 'up', 'exclude'] as const)('are told alike where unobserved time is %s', (unobserved) => {
    expect(hoursIn([stretch('17T12:00', '17T13:00')], { ...DEFAULT_POLICY, unobserved })).toEqual([0, 0, 1]);
  });

  it('change no other figure', () => {
    const told = assess(facts, asOfUs, DEFAULT_POLICY, [stretch('17T12:00', '17T13:00')]);
    const untold = assess(facts, asOfUs, DEFAULT_POLICY);
    expect({ ...told, lastWeek: { ...told.lastWeek, unobservedInOutageUs: 0 } }).toEqual(untold);
  });

  it('must be sorted and apart', () => {
    const wrong = [stretch('17T12:00', '17T13:00'), stretch('17T12:30', '17T14:00')];
    expect(() => hoursIn(wrong)).toThrow(/must be sorted and apart/);
    expect(() => hoursIn([{ startUs: asOfUs, endUs: asOfUs }])).toThrow(/must be sorted and apart/);
  });
});
