import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  assess,
  DEFAULT_POLICY,
  type Outage,
  type Policy,
  pollCode,
  sortPolls,
  type WeeklyWindow,
  type WindowFigures,
} from './index.js';

interface ExpectedFigures {
  openTime: number;
  uptime: number;
  downtime: number;
  unobservedTime: number;
  uptimeMin: number;
  downtimeMin: number;
  polls: number;
  pollsOutsideHours: number;
}

interface SemanticsCase {
  name: string;
  zone: string;
  businessHours: [weekday: number, start: string, end: string][] | null;
  polls: [instant: string, status: string][];
  asOf: string;
  options: Partial<Policy>;
  expected: {
    lastHour: ExpectedFigures;
    lastDay: ExpectedFigures;
    lastWeek: ExpectedFigures;
    outages: { start: string; end: string | null; openTime: number; observed: boolean }[];
  };
}

const { cases } = JSON.parse(readFileSync(resolve('test/fixtures/semantics-cases.json'), 'utf8')) as {
  cases: SemanticsCase[];
};

function microseconds(iso: string): number {
  const [, seconds, fraction] = /^(.{19})(?:\.(\d{1,6}))?Z$/.exec(iso)!;
  return Date.parse(`${seconds}Z`) * 1000 + Number((fraction ?? '').padEnd(6, '0'));
}

function secondOfDay(time: string): number {
  const [hours, minutes, seconds] = time.split(':').map(Number);
  return hours! * 3600 + minutes! * 60 + seconds!;
}

function weekly([weekday, start, end]: [number, string, string]): WeeklyWindow {
  return { weekday, startSecond: secondOfDay(start), endSecond: secondOfDay(end) };
}

function assessCase(worked: SemanticsCase) {
  const facts = {
    zone: worked.zone,
    hours: worked.businessHours === null ? null : worked.businessHours.map(weekly),
    polls: sortPolls(
      worked.polls.map(([instant, status]) => pollCode(microseconds(instant), status === 'active')),
    ),
  };
  return assess(facts, microseconds(worked.asOf), { ...DEFAULT_POLICY, ...worked.options });
}

function asWritten(figures: WindowFigures): ExpectedFigures {
  return {
    openTime: figures.openUs,
    uptime: figures.uptimeUs,
    downtime: figures.downtimeUs,
    unobservedTime: figures.unobservedUs,
    uptimeMin: figures.uptimeMinUs,
    downtimeMin: figures.downtimeMinUs,
    polls: figures.polls,
    pollsOutsideHours: figures.pollsOutsideHours,
  };
}

function outageAsNumbers({ startUs, endUs, openUs, observed }: Outage) {
  return { start: startUs, end: endUs, openTime: openUs, observed };
}

describe('the worked cases of the semantics', () => {
  it('are the 37 that were agreed', () => {
    expect(cases).toHaveLength(37);
  });

  it.each(cases)('gives the agreed figures: $name', (worked) => {
    const availability = assessCase(worked);
    const { expected } = worked;
    expect(asWritten(availability.lastHour)).toEqual(expected.lastHour);
    expect(asWritten(availability.lastDay)).toEqual(expected.lastDay);
    expect(asWritten(availability.lastWeek)).toEqual(expected.lastWeek);
    expect(availability.outages.map(outageAsNumbers)).toEqual(
      expected.outages.map((outage) => ({
        ...outage,
        start: microseconds(outage.start),
        end: outage.end === null ? null : microseconds(outage.end),
      })),
    );
    expect(availability.longestOutageUs).toBe(
      Math.max(0, ...expected.outages.map(({ openTime }) => openTime)),
    );
  });

  it.each(cases)('leaves no open time out of the sum: $name', (worked) => {
    const { lastHour, lastDay, lastWeek } = assessCase(worked);
    for (const window of [lastHour, lastDay, lastWeek]) {
      expect(window.uptimeUs + window.downtimeUs + window.excludedUs).toBe(window.openUs);
    }
  });
});
