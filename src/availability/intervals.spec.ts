import { interval, mergeTouching, subtract } from './intervals.js';

describe('an interval', () => {
  it('cannot be empty or reversed', () => {
    expect(() => interval(5, 5)).toThrow(/must end after its start, got \[5, 5\)/);
    expect(() => interval(6, 5)).toThrow(/must end after its start/);
    expect(() => interval(Number.NaN, 5)).toThrow(/must end after its start/);
  });
});

describe('merging', () => {
  it('joins what overlaps or touches, in any order', () => {
    expect(mergeTouching([interval(5, 7), interval(1, 3), interval(3, 4), interval(6, 9)])).toEqual([
      interval(1, 4),
      interval(5, 9),
    ]);
  });

  it('keeps the longer end of an interval within another', () => {
    expect(mergeTouching([interval(1, 9), interval(2, 3)])).toEqual([interval(1, 9)]);
  });

  it('never bridges a gap', () => {
    expect(mergeTouching([interval(4, 5), interval(1, 3)])).toEqual([interval(1, 3), interval(4, 5)]);
  });

  it('leaves its input as it was', () => {
    const input = [interval(3, 4), interval(1, 3)];
    mergeTouching(input);
    expect(input).toEqual([interval(3, 4), interval(1, 3)]);
  });
});

describe('subtracting', () => {
  const day = [interval(10, 20)];

  it.each([
    ['before it', interval(1, 10), [interval(10, 20)]],
    ['over its start', interval(5, 12), [interval(12, 20)]],
    ['in its middle', interval(12, 15), [interval(10, 12), interval(15, 20)]],
    ['over its end', interval(18, 25), [interval(10, 18)]],
    ['after it', interval(20, 25), [interval(10, 20)]],
    ['over all of it', interval(10, 20), []],
  ])('takes away a hole %s', (_where, hole, rest) => {
    expect(subtract(day, hole)).toEqual(rest);
  });
});
