import * as locks from './locks.js';

describe('the numbers of the advisory locks', () => {
  it('are all different', () => {
    const numbers: number[] = Object.values(locks);
    expect(numbers.toSorted()).toEqual([...new Set(numbers)].toSorted());
  });
});
