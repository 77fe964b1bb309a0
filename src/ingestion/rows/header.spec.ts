import { findColumns } from './header.js';
import { FileRefused } from './problems.js';

function refusal(kind: 'polls' | 'hours' | 'zones', header: string[]): FileRefused {
  try {
    findColumns(kind, header);
  } catch (error) {
    if (error instanceof FileRefused) return error;
    throw error;
  }
  throw new Error('The header was taken.');
}

describe('findColumns', () => {
  it('finds columns by name, in any order and letter case, among others', () => {
    expect(findColumns('polls', [' Timestamp_UTC ', 'note', 'STORE_ID', 'status'])).toEqual({
      places: [2, 3, 0],
      names: ['STORE_ID', 'status', 'Timestamp_UTC'],
      width: 4,
    });
  });

  it.each(['day', 'dayOfWeek', 'day_of_week'])('knows the weekday as %s', (name) => {
    const { places } = findColumns('hours', ['store_id', name, 'start_time_local', 'end_time_local']);
    expect(places).toEqual([0, 1, 2, 3]);
  });

  it('names the missing column and those found', () => {
    const { code, message } = refusal('polls', ['store_id', 'state', 'timestamp_utc']);
    expect(code).toBe('column_missing');
    expect(message).toContain('lacks the column status');
    expect(message).toContain("'store_id', 'state', 'timestamp_utc'");
  });

  it('refuses a column that stands there twice, also under its other name', () => {
    expect(refusal('zones', ['store_id', 'store_id', 'timezone_str']).code).toBe('column_duplicate');
    const twice = ['store_id', 'day', 'dayOfWeek', 'start_time_local', 'end_time_local'];
    expect(refusal('hours', twice).message).toContain("'day', 'dayOfWeek'");
  });

  it('says which kind the header looks like', () => {
    const { code, message } = refusal('polls', ['store_id', 'day', 'start_time_local', 'end_time_local']);
    expect(code).toBe('wrong_kind');
    expect(message).toContain('its header is that of business hours (menu_hours.csv)');
  });

  it('says that there is no header where the first line holds data', () => {
    const { code, message } = refusal('zones', ['123', 'America/Boise']);
    expect(code).toBe('header_missing');
    expect(message).toContain('store_id, timezone_str');
  });

  it.each([
    ['store_id:status:timestamp_utc', ':'],
    [' Store_ID  status  timestamp_utc', '  '],
  ])('says what parts the columns of %j, where that is no delimiter', (line, separator) => {
    const { code, message } = refusal('polls', [line]);
    expect(code).toBe('delimiter_unknown');
    expect(message).toContain(`parts its columns by '${separator}'`);
  });

  it('refuses bytes that are no text', () => {
    expect(refusal('polls', ['PK\u0003\u0004\ufffd']).code).toBe('not_csv');
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a column like others', (name) => {
    expect(findColumns('zones', [name, 'store_id', 'timezone_str']).places).toEqual([1, 2]);
    expect(refusal('zones', [name, 'store_id']).code).toBe('column_missing');
  });
});
