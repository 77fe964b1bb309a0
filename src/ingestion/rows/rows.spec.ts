import { findColumns } from './header.js';
import { HoursRowParser } from './hours-row.js';
import { PollRowParser } from './poll-row.js';
import type { RowProblem } from './problems.js';
import { StoreIndex } from './store-index.js';
import { ZoneRowParser } from './zone-row.js';

const NOW_US = Date.parse('2023-01-25T12:00:00Z') * 1000;
const AT = '2023-01-22 12:09:39.388884 UTC';

function pollParser(): PollRowParser {
  return new PollRowParser({ places: [0, 1, 2], width: 3 }, new StoreIndex(), NOW_US);
}

function poll(...cells: string[]): RowProblem | null {
  return pollParser().parse(cells);
}

describe('PollRowParser', () => {
  it.each([
    ['active', 1],
    ['inactive', 0],
    [' Active ', 1],
    ['INACTIVE', 0],
  ])('reads the status %j', (status, bit) => {
    const parser = pollParser();
    expect(parser.parse(['7', status, AT])).toBeNull();
    expect(parser.code).toBe((Date.parse('2023-01-22T12:09:39.388Z') * 1000 + 884) * 2 + bit);
  });

  it('takes ids as text: what looks like a number is not rounded, and white space around it goes', () => {
    const stores = new StoreIndex();
    const parser = new PollRowParser({ places: [0, 1, 2], width: 3 }, stores, NOW_US);
    for (const id of ['8419537941919820732', ' 0012', '12', '1e3', '+5', '12.0', '0012'])
      expect(parser.parse([id, 'active', AT])).toBeNull();
    expect(stores.ids).toEqual(['8419537941919820732', '0012', '12', '1e3', '+5', '12.0']);
  });

  it.each([
    ['UP', 'active'],
    ['open', 'active'],
    ['Closed', 'inactive'],
    ['1', null],
    ['true', null],
    ['', null],
    ['Actve', 'active'],
    ['inactiv', 'inactive'],
    ['nactive', null],
    ['actvie', 'active'],
  ])('refuses the status %j and suggests %j', (status, suggestion) => {
    expect(poll('7', status, AT)).toMatchObject({ column: 'status', code: 'bad_status', suggestion });
  });

  it.each([
    ['2023-02-30 12:00:00 UTC', 'bad_timestamp'],
    ['2023-01-22 12:09:39', 'no_zone'],
    ['2023-01-25 12:10:00.000001 UTC', 'future_timestamp'],
    ['1999-12-31 23:59:59.999999 UTC', 'too_old'],
    ['0000-01-01 00:00:00 UTC', 'too_old'],
    ['', 'bad_timestamp'],
  ])('refuses the timestamp %j as %s', (text, code) => {
    expect(poll('7', 'active', text)).toMatchObject({ column: 'timestamp_utc', code });
  });

  it('takes a poll of 2000-01-01, and one 10 minutes ahead of the clock', () => {
    expect(poll('7', 'active', '2000-01-01 00:00:00 UTC')).toBeNull();
    expect(poll('7', 'active', '2023-01-25 12:10:00 UTC')).toBeNull();
  });

  it.each([
    [' ', 'store_id_empty'],
    ['x'.repeat(65), 'store_id_too_long'],
    ['a\u0000b', 'control_character'],
    ['a\nb', 'control_character'],
    ['a\ufffdb', 'bad_encoding'],
  ])('refuses the store id %j as %s', (id, code) => {
    expect(poll(id, 'active', AT)).toMatchObject({ column: 'store_id', code });
  });

  it('counts the characters of an id, not its code units', () => {
    expect(poll('😀'.repeat(64), 'active', AT)).toBeNull();
    expect(poll('😀'.repeat(65), 'active', AT)).toMatchObject({ code: 'store_id_too_long' });
  });

  it('tells damaged and control characters from a wrong value', () => {
    expect(poll('7', 'act\ufffdve', AT)).toMatchObject({ column: 'status', code: 'bad_encoding' });
    expect(poll('7', 'active', `${AT}\u0000`)).toMatchObject({
      column: 'timestamp_utc',
      code: 'control_character',
    });
  });

  it('refuses too few cells and too many, but not empty ones at the end', () => {
    expect(poll('7', 'active')).toMatchObject({ column: null, code: 'too_few_cells' });
    expect(poll('7', 'active', AT, 'x')).toMatchObject({ column: null, code: 'too_many_cells' });
    expect(poll('7', 'active', AT, '', ' ')).toBeNull();
  });

  it('shows what was found in short, and nothing that a terminal would obey', () => {
    const { detail } = poll('7', `\u001b[31m${'x'.repeat(1000)}`, AT)!;
    expect(detail).toContain("'\\x1b[31mxxx");
    expect(detail.length).toBeLessThan(200);
  });
});

describe('RowParser', () => {
  it('calls the column of a problem by the name that stands in the header', () => {
    const parser = new HoursRowParser(
      findColumns('hours', ['Store_ID', ' dayOfWeek ', 'START_TIME_LOCAL', 'end_time_local']),
      new StoreIndex(),
    );
    expect(parser.parse(['7', '8', '9:00', '17:00'])).toMatchObject({ column: 'dayOfWeek' });
    expect(parser.parse(['7', '1', 'x', '17:00'])).toMatchObject({ column: 'START_TIME_LOCAL' });
    expect(parser.parse(['', '1', '9:00', '17:00'])).toMatchObject({ column: 'Store_ID' });
    expect(parser.parse(['7', '1', '9:00', '\ufffd'])).toMatchObject({ column: 'end_time_local' });
  });
});

describe('HoursRowParser', () => {
  const parser = new HoursRowParser({ places: [0, 1, 2, 3], width: 4 }, new StoreIndex());
  const hours = (day: string, start: string, end: string): RowProblem | null =>
    parser.parse(['7', day, start, end]);

  it.each([
    ['0', '00:00:00', '23:59:59', [0, 0, 86_399]],
    ['6', '9:00', '24:00', [6, 32_400, 86_400]],
    ['3', '22:00:00', '02:00:00', [3, 79_200, 7_200]],
    ['3', '09:00', '09:00', [3, 32_400, 32_400]],
  ])('keeps the window %s %s-%s as it is given', (day, start, end, expected) => {
    expect(hours(day, start, end)).toBeNull();
    expect([parser.weekday, parser.start, parser.end]).toEqual(expected);
  });

  it.each(['7', '-1', 'Mon', '0.0', '', '00'])('refuses the weekday %j', (day) => {
    expect(hours(day, '09:00', '17:00')).toMatchObject({ column: 'day', code: 'bad_weekday' });
  });

  it.each([
    '25:00',
    '24:00',
    '24:00:01',
    '9',
    '09:60',
    '09:00:60',
    '9am',
    '',
    '-1:00',
    '09:00:00.5',
    '009:00',
  ])('refuses the opening time %j', (start) => {
    expect(hours('0', start, '17:00')).toMatchObject({ column: 'start_time_local', code: 'bad_time' });
  });

  it.each(['25:00', '24:00:01', '24:01', ''])('refuses the closing time %j', (end) => {
    expect(hours('0', '09:00', end)).toMatchObject({ column: 'end_time_local', code: 'bad_time' });
  });
});

describe('ZoneRowParser', () => {
  const parser = new ZoneRowParser({ places: [0, 1], width: 2 }, new StoreIndex());

  it.each(['America/Boise', ' America/Boise ', 'america/boise'])('takes %j for America/Boise', (name) => {
    expect(parser.parse(['7', name])).toBeNull();
    expect(parser.zone).toBe('America/Boise');
  });

  it.each([
    ['Mars/Phobos', null],
    ['FOO+5', null],
    ['', null],
    ['america/chicgo', 'America/Chicago'],
  ])('refuses the zone %j and suggests %j', (name, suggestion) => {
    expect(parser.parse(['7', name])).toMatchObject({
      column: 'timezone_str',
      code: 'unknown_zone',
      suggestion,
    });
  });
});
