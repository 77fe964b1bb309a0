import { choiceOf, fileNameOf, queryOf, REPORT_VARIANTS, variantOf } from './report-variant.js';

describe('variants of a file', () => {
  it('are found by what was asked for, have names of their own, and an address that asks for them', () => {
    for (const variant of REPORT_VARIANTS) expect(variantOf(choiceOf(variant))).toBe(variant);
    const names = REPORT_VARIANTS.map((variant) => fileNameOf('id', variant));
    expect(new Set(names).size).toBe(REPORT_VARIANTS.length);
    expect(new Set(REPORT_VARIANTS.map(queryOf)).size).toBe(REPORT_VARIANTS.length);
  });

  it('are the same for JSON and workbooks, whether or not they are to be safe', () => {
    for (const spreadsheetSafe of [true, false]) {
      expect(variantOf({ format: 'json', extended: false, spreadsheetSafe })).toBe('json');
      expect(variantOf({ format: 'xlsx', extended: true, spreadsheetSafe })).toBe('xlsx_extended');
    }
  });
});
