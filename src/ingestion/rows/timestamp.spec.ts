import fc from 'fast-check';
import { lacksZone, TimestampParser } from './timestamp.js';

const parse = (text: string): number => new TimestampParser().parse(text);

describe('TimestampParser', () => {
  it.each([
    ['2023-01-22 12:09:39.388884 UTC', '2023-01-22T12:09:39.388Z', 884],
    ['2023-01-22T12:09:39.388884Z', '2023-01-22T12:09:39.388Z', 884],
    ['2023-01-22 12:09:39 UTC', '2023-01-22T12:09:39.000Z', 0],
    ['2023-01-22 12:09:39Z', '2023-01-22T12:09:39.000Z', 0],
    ['2023-01-22T12:09:39.5+05:30', '2023-01-22T06:39:39.500Z', 0],
    ['2023-01-22 12:09:39.000001-08:00', '2023-01-22T20:09:39.000Z', 1],
    ['2024-02-29 00:00:00 UTC', '2024-02-29T00:00:00.000Z', 0],
    ['1969-12-31 23:59:59 UTC', '1969-12-31T23:59:59.000Z', 0],
  ])('reads %s to the microsecond', (text, iso, us) => {
    expect(parse(text)).toBe(Date.parse(iso) * 1000 + us);
  });

  it.each([
    '',
    '2023-02-30 00:00:00 UTC',
    '2023-02-29 00:00:00 UTC',
    '2023-13-01 00:00:00 UTC',
    '2023-00-10 00:00:00 UTC',
    '2023-01-00 00:00:00 UTC',
    '2023-01-22 24:00:00 UTC',
    '2023-01-22 23:60:00 UTC',
    '2023-01-22 23:59:60 UTC',
    '2023-01-22 12:09:39.3888849 UTC',
    '2023-01-22 12:09:39. UTC',
    '2023-01-22 12:09:39,5 UTC',
    '2023-01-22 12:09 UTC',
    '2023-01-22 UTC',
    '2023-1-22 12:09:39 UTC',
    '2023-01-22  12:09:39 UTC',
    '2023-01-22_12:09:39 UTC',
    '2023-01-22 12:09:39 IST',
    '2023-01-22 12:09:39 EST',
    '2023-01-22 12:09:39 utc',
    '2023-01-22 12:09:39 UTC+1',
    '2023-01-22 12:09:39 UTCx',
    '2023-01-22 12:09:39+0530',
    '2023-01-22 12:09:39+15:00',
    '2023-01-22 12:09:39+05:60',
    '2023-01-22 12:09:39 +',
    '01/02/2023',
    '1674389379',
    'tomorrow',
    'infinity',
    'J2459967',
    '２０２３-01-22 12:09:39 UTC',
  ])('refuses %j', (text) => {
    expect(parse(text)).toBeNaN();
  });

  it('reads what it would print, over the whole range', () => {
    const parser = new TimestampParser();
    const instant = fc.integer({ min: 946_684_800, max: 4_102_444_800 });
    fc.assert(
      fc.property(instant, fc.nat(999_999), (seconds, us) => {
        const text = `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(us).padStart(6, '0')}`;
        expect(parser.parse(`${text}Z`)).toBe(seconds * 1_000_000 + us);
        expect(parser.parse(`${text.replace('T', ' ')} UTC`)).toBe(seconds * 1_000_000 + us);
      }),
    );
  });

  it('tells a timestamp that only lacks its zone from one that is none', () => {
    expect(lacksZone('2023-01-22 12:09:39')).toBe(true);
    expect(lacksZone('2023-02-30 12:09:39')).toBe(false);
    expect(lacksZone('2023-01-22 12:09:39 IST')).toBe(false);
  });
});
