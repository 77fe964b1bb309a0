import { spreadsheetSafe } from './spreadsheet-safe.js';

describe('text for a spreadsheet', () => {
  it.each(['=', '+', '-', '@', '\t', '\r', '\0'])(
    'has an apostrophe in front when it starts with %j',
    (start) => {
      for (const rest of ['', '1+1', "cmd|'/C calc'!A0", '3.5', '\n=1']) {
        expect(spreadsheetSafe(start + rest)).toBe(`'${start}${rest}`);
      }
    },
  );

  it.each(['', '0012', '8419537941919820732', 'a=b', "'=1", ' =1', '\n', 'America/New_York', '３'])(
    'stays as it is when it starts otherwise: %j',
    (text) => expect(spreadsheetSafe(text)).toBe(text),
  );
});
