import { isActive, pollCode, pollInstantUs, sortPolls } from './index.js';
import { firstPollAtOrAfter } from './polls.js';

const INSTANT = 1_674_389_379_388_884;

describe('a poll code', () => {
  it.each([true, false])('keeps instant and status (active: %s)', (active) => {
    const code = pollCode(INSTANT, active);
    expect([pollInstantUs(code), isActive(code)]).toEqual([INSTANT, active]);
  });

  it('sorts by instant', () => {
    expect(pollCode(INSTANT, true)).toBeLessThan(pollCode(INSTANT + 1, false));
  });

  it('refuses an instant that it could not keep exactly', () => {
    expect(() => pollCode(INSTANT + 0.5, true)).toThrow(/whole microseconds/);
    expect(() => pollCode(Date.UTC(2200, 0, 1) * 1000, true)).toThrow(/before 2112/);
    expect(() => pollCode(Number.NaN, true)).toThrow(/whole microseconds/);
  });
});

describe('sorting polls', () => {
  it('keeps the later of two at the same instant, whatever they say', () => {
    const [up, down] = [pollCode(INSTANT, true), pollCode(INSTANT, false)];
    expect([...sortPolls([up, down])]).toEqual([down]);
    expect([...sortPolls([down, up])]).toEqual([up]);
  });

  it('sorts by number, not by text', () => {
    expect([...sortPolls([20, 100, 3])]).toEqual([3, 20, 100]);
  });
});

describe('finding polls', () => {
  const polls = [pollCode(10, true), pollCode(20, false), pollCode(30, true)];

  it.each([
    [0, 0],
    [10, 0],
    [11, 1],
    [20, 1],
    [30, 2],
    [31, 3],
  ])('finds, from instant %d on, the poll with index %d', (instantUs, index) => {
    expect(firstPollAtOrAfter(polls, instantUs)).toBe(index);
  });
});
