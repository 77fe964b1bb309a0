import { whyNoJson } from './json-text.js';

const TOO_EARLY = 'it breaks off before its end';

describe('a text that is no JSON', () => {
  it.each([
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '[1,2',
    '"ab',
    '-',
    '[1e',
    'nul',
    '"\\',
    '"\\u12',
    ' [\n',
  ])('is told to break off where more of it could mend it: %j', (text) => {
    expect(whyNoJson(text)).toBe(TOO_EARLY);
  });

  it.each<[string, string, number, number]>([
    ['{"a":1,}', '}', 1, 8],
    ['please', 'p', 1, 1],
    ['{a: 1}', 'a', 1, 2],
    ['{"a": -}', '}', 1, 8],
    ['{"a": 1e}', '}', 1, 9],
    ['"\\q"', 'q', 1, 3],
    ['"\\u12x4"', 'x', 1, 6],
    ['{"a":\n tru}', '}', 2, 5],
    ['[1]\n\n x', 'x', 3, 2],
    ['"a\nb"', '\n', 1, 3],
    ['01', '1', 1, 2],
    ['{"a": NaN}', 'N', 1, 7],
    ["{'a': 1}", "'", 1, 2],
    ['["b"] 😀', '😀', 1, 7],
  ])('names the first character that nothing can mend: %j', (text, character, line, column) => {
    expect(whyNoJson(text)).toBe(
      `${JSON.stringify(character)} in line ${line}, column ${column} does not belong there`,
    );
  });

  it.each(['', ' \n'])('is told to be empty: %j', (text) => {
    expect(whyNoJson(text)).toBe('it is empty');
  });

  it('is looked through quickly, however long it is', () => {
    const long = `[${'{"a": 1},'.repeat(100_000)}oops]`;
    expect(whyNoJson(long)).toContain('"o" in line 1, column 900002');
  });
});
