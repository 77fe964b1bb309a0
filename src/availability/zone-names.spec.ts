import { canonicalZone, isZone } from './index.js';

describe('the name of a time zone', () => {
  it.each([
    'America/Boise',
    'Asia/Beirut',
    'Pacific/Apia',
    'America/Chicago',
    'America/Puerto_Rico',
    'UTC',
    'Etc/GMT+5',
  ])('is known: %s', (name) => {
    expect(canonicalZone(name)).toBe(name);
    expect(isZone(name)).toBe(true);
  });

  it.each([
    [' america/new_york\t', 'America/New_York'],
    ['US/Central', 'America/Chicago'],
    ['EST5EDT', 'America/New_York'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['America/Indianapolis', 'America/Indiana/Indianapolis'],
    ['America/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
  ])('is brought to the present name: %j is %s', (name, canonical) => {
    expect(canonicalZone(name)).toBe(canonical);
  });

  it.each([
    '',
    ' ',
    '+05:00',
    '-0500',
    'Z',
    'UTC+5',
    'EST5',
    'FOO+5',
    'IST',
    'PST',
    'SystemV/EST5',
    'Mars/Olympus',
    'America',
  ])('is refused when it is none: %j', (name) => {
    expect(canonicalZone(name)).toBeNull();
    expect(isZone(name)).toBe(false);
  });
});
