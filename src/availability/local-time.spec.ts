import { clockAnswers, temporalAnswers, transitionsOf } from '../../test/oracle/local-time-oracle.js';
import { localClock } from './local-time.js';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const PROCESS_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** As the engine writes wall times: what a UTC clock that shows the same digits would have. */
function wall(local: string): number {
  return Date.parse(`${local}Z`) * 1000;
}

function instant(iso: string): number {
  return Date.parse(iso) * 1000;
}

/** The name tells in whose process this ran; the spec of process zones reads it. */
describe(`local time, in a process in ${PROCESS_ZONE}`, () => {
  const chicago = localClock('America/Chicago');

  it('shows the offset of the instant, not of its digits', () => {
    expect(localClock('America/New_York').wallAt(instant('2023-03-12T04:00:00Z'))).toBe(
      wall('2023-03-11T23:00:00'),
    );
  });

  it('shows a skipped time at no instant and pushes it forward by the gap', () => {
    expect(chicago.instantsShowing(wall('2023-03-12T02:00:00'))).toEqual([]);
    expect(chicago.instantOf(wall('2023-03-12T02:00:00'))).toBe(instant('2023-03-12T08:00:00Z'));
    expect(chicago.instantOf(wall('2023-03-12T02:59:59'))).toBe(instant('2023-03-12T08:59:59Z'));
  });

  it('shows a repeated time at two instants and takes the first', () => {
    const shown = [instant('2023-11-05T06:30:00Z'), instant('2023-11-05T07:30:00Z')];
    expect(chicago.instantsShowing(wall('2023-11-05T01:30:00'))).toEqual(shown);
    expect(chicago.instantOf(wall('2023-11-05T01:30:00'))).toBe(shown[0]);
  });

  it('pushes a date that was skipped whole onto the next one', () => {
    expect(localClock('Pacific/Apia').instantOf(wall('2011-12-30T09:00:00'))).toBe(
      instant('2011-12-30T19:00:00Z'),
    );
  });

  it('gives the local date on either side of midnight', () => {
    const date = wall('2023-01-18T00:00:00') / DAY;
    expect(chicago.dateAt(instant('2023-01-18T05:59:59Z'))).toBe(date - 1);
    expect(chicago.dateAt(instant('2023-01-18T06:00:00Z'))).toBe(date);
  });

  it('names a zone that does not exist', () => {
    expect(() => localClock('Mars/Olympus')).toThrow(/"Mars\/Olympus" is not the name of a time zone/);
  });

  it('has one clock for all spellings of a zone', () => {
    expect(localClock(' us/central ')).toBe(chicago);
  });

  it.each([
    ['Etc/GMT-2', 2],
    ['UTC', 0],
    ['Asia/Tokyo', 9],
    ['Pacific/Honolulu', -10],
  ])('is not moved in %s by transitions of the process', (zone, offsetHours) => {
    const clock = localClock(zone);
    // Around the days on which the process's own zone, whichever it is, may skip the digits that are shown elsewhere.
    for (const { instantUs } of transitionsOf(PROCESS_ZONE, '2009-01-01T00:00Z', '2024-01-01T00:00Z')) {
      for (let aside = -24; aside <= 24; aside++) {
        const us = instantUs + aside * HOUR;
        expect(clock.wallAt(us)).toBe(us + offsetHours * HOUR);
      }
    }
    expect(clock.wallAt(instant('2023-03-12T00:30:00Z'))).toBe(
      instant('2023-03-12T00:30:00Z') + offsetHours * HOUR,
    );
  });

  it.each([
    'America/New_York',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Asia/Beirut',
    'America/St_Johns',
    'Europe/Dublin',
  ])('agrees with Temporal in %s at every transition from 2009 to 2024', (zone) => {
    const transitions = transitionsOf(zone, '2009-01-01T00:00Z', '2024-01-01T00:00Z');
    expect(transitions.length).toBeGreaterThan(8);
    expect(clockAnswers(localClock(zone), transitions)).toEqual(temporalAnswers(zone, transitions));
  });
});
