import fc from 'fast-check';
import { canonicalZone } from '../../availability/index.js';
import {
  suggestInstant,
  suggestStatus,
  suggestTime,
  suggestWeekday,
  suggestZone,
} from './reject-suggestions.js';
import { TimestampParser } from './timestamp.js';

describe('suggestStatus', () => {
  it.each([
    ['Actve', 'active'],
    ['actvie', 'active'],
    ['inactiv', 'inactive'],
    ['UP', 'active'],
    ['open', 'active'],
    ['Online', 'active'],
    ['down', 'inactive'],
    ['CLOSED', 'inactive'],
    ['offline', 'inactive'],
    ['nactive', null],
    ['1', null],
    ['true', null],
    ['', null],
    ['a'.repeat(100_000), null],
  ])('answers %j with %j', (text, expected) => {
    expect(suggestStatus(text)).toBe(expected);
  });
});

describe('suggestInstant', () => {
  it.each([
    ['2023-01-22 12:09:39', '2023-01-22 12:09:39 UTC'],
    ['2023/01/22 12:09:39 UTC', '2023-01-22 12:09:39 UTC'],
    ['2023.01.22 12:09:39.5', '2023-01-22 12:09:39.5 UTC'],
    ['2023-01-22 12:09:39,388884 UTC', '2023-01-22 12:09:39.388884 UTC'],
    ['2023/01/22T12:09:39,388', '2023-01-22T12:09:39.388 UTC'],
    ['2023-01-22 12:09:39 utc', '2023-01-22 12:09:39 UTC'],
    ['2023-01-22 12:09:39z', '2023-01-22 12:09:39 UTC'],
    ['2023-01-22 12:09:39 GMT', '2023-01-22 12:09:39 UTC'],
    ['2023-01-22 12:09:39+0530', '2023-01-22 12:09:39+05:30'],
    ['22/01/2023 12:09:39 UTC', null],
    ['01/02/2023', null],
    ['2023-02-30 12:00:00 UTC', null],
    ['2023-01-22 24:00:00 UTC', null],
    ['2023-01-22 12:09:39 IST', null],
    ['2023-01-22 12:09:39.3888849 UTC', null],
    ['2023-01-22 12:09:39,3888849', null],
    ['1674389379', null],
    ['tomorrow', null],
    ['', null],
  ])('answers %j with %j', (text, expected) => {
    expect(suggestInstant(text)).toBe(expected);
  });

  it('suggests nothing that would not be taken', () => {
    const near = fc.stringMatching(
      /^2023[-/.]0[12][-/.]\d\d[ T]\d\d:\d\d:\d\d[.,]?\d{0,7} ?(UTC|utc|Z|GMT|[+-]\d{4})?$/,
    );
    fc.assert(
      fc.property(near, (text) => {
        const found = suggestInstant(text);
        return found === null || !Number.isNaN(new TimestampParser().parse(found));
      }),
    );
    expect(suggestInstant('2023/02/30 12:00:00')).toBeNull();
  });
});

describe('suggestWeekday', () => {
  it.each([
    ['Mon', '0'],
    ['monday', '0'],
    ['Tues', '1'],
    ['wed.', '2'],
    ['SUNDAY', '6'],
    ['0.0', '0'],
    ['06', '6'],
    ['Montag', null],
    ['Mo', null],
    ['7', null],
    ['7.0', null],
    ['0.5', null],
    ['-1', null],
    ['', null],
  ])('answers %j with %j', (text, expected) => {
    expect(suggestWeekday(text)).toBe(expected);
  });
});

describe('suggestTime', () => {
  it.each([
    ['9:00 AM', '09:00:00'],
    ['9am', '09:00:00'],
    ['9:30 p.m.', '21:30:00'],
    ['12:00 AM', '00:00:00'],
    ['12:15:30 pm', '12:15:30'],
    ['21.00', '21:00:00'],
    ['9.30.15', '09:30:15'],
    ['09:00:00.000', '09:00:00'],
    ['13:00 PM', null],
    ['0:30 AM', null],
    ['25:00', null],
    ['24:00', null],
    ['21.75', null],
    ['9', null],
    ['900', null],
    ['nine', null],
    ['', null],
  ])('answers %j with %j', (text, expected) => {
    expect(suggestTime(text)).toBe(expected);
  });
});

describe('suggestZone', () => {
  it.each([
    ['America/Chicgo', 'America/Chicago'],
    ['america/new york', 'America/New_York'],
    ['America / Boise', 'America/Boise'],
    ['Amercia/Denver', 'America/Denver'],
    ['Chicago', 'America/Chicago'],
    ['new-york', 'America/New_York'],
    ['Europe/Kyyv', 'Europe/Kyiv'],
    ['FOO+5', null],
    ['+05:00', null],
    ['Mars/Phobos', null],
    ['Central', null],
    ['IST', null],
    ['', null],
    ['x'.repeat(100_000), null],
  ])('answers %j with %j', (text, expected) => {
    expect(suggestZone(text)).toBe(expected);
    // The second time it is remembered.
    expect(suggestZone(text)).toBe(expected);
  });

  it('suggests zones that exist for names with one letter too few', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));
    for (const zone of zones.filter((_, index) => index % 8 === 0)) {
      const found = suggestZone(zone.slice(0, 3) + zone.slice(4));
      if (found !== null) expect(canonicalZone(found)).toBe(found);
    }
    expect(suggestZone('Asia/Kolkta')).toBe('Asia/Kolkata');
  });
});
