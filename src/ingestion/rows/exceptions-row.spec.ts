import { ExceptionsRowParser } from './exceptions-row.js';
import type { RowProblem } from './problems.js';
import { StoreIndex } from './store-index.js';

const DAY_MS = 86_400_000;

describe('ExceptionsRowParser', () => {
  const parser = new ExceptionsRowParser({ places: [0, 1, 2, 3], width: 4 }, new StoreIndex());
  const parse = (date: string, start: string, end: string): RowProblem | null =>
    parser.parse(['7', date, start, end]);

  it.each([
    ['2023-12-24', '09:00', '14:00:00', [32_400, 50_400]],
    ['2024-02-29', '9:00', '24:00', [32_400, 86_400]],
    ['1969-12-31', '22:00', '02:00', [79_200, 7_200]],
  ])('keeps the window of %s %s-%s as it is given', (date, start, end, expected) => {
    expect(parse(date, start, end)).toBeNull();
    expect([parser.date, parser.closed]).toEqual([Date.parse(date) / DAY_MS, false]);
    expect([parser.start, parser.end]).toEqual(expected);
  });

  it('takes a date without times for closed', () => {
    expect(parse(' 2023-12-25 ', '', ' ')).toBeNull();
    expect(parser.closed).toBe(true);
  });

  it.each([
    '2023-02-29',
    '2023-2-3',
    '25.12.2023',
    '2023-12-25T00:00:00Z',
    '',
    '0000-01-01',
    '1899-12-31',
    '2200-01-01',
  ])('refuses the date %j', (date) => {
    expect(parse(date, '', '')).toMatchObject({ column: 'date', code: 'bad_date' });
  });

  it.each([
    ['', '14:00', 'start_time_local'],
    ['09:00', '', 'end_time_local'],
    ['24:00', '14:00', 'start_time_local'],
    ['09:00', '24:01', 'end_time_local'],
    ['closed', 'closed', 'start_time_local'],
  ])('refuses the times %j to %j', (start, end, column) => {
    expect(parse('2023-12-24', start, end)).toMatchObject({ column, code: 'bad_time' });
  });
});
