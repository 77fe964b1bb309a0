import { Turns } from './turns.js';

/** Acts that end when they are told to, each with its number. */
function acts(): { act: () => Promise<number>; end: (() => void)[]; fail: ((error: Error) => void)[] } {
  const end: (() => void)[] = [];
  const fail: ((error: Error) => void)[] = [];
  const act = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const number = end.push(() => resolve(number));
      fail.push(reject);
    });
  return { act, end, fail };
}

describe('turns', () => {
  it('are shared by those who come while one is at work, and belong to the first of them', async () => {
    const turns = new Turns<number>();
    const { act, end } = acts();
    const first = turns.take('a', act);
    const others = [turns.take('a', act), turns.take('a', act)];
    expect(end).toHaveLength(1);
    end[0]!();
    expect(await first).toEqual({ value: 1, own: true });
    expect(end).toHaveLength(2);
    end[1]!();
    expect(await Promise.all(others)).toEqual([
      { value: 2, own: true },
      { value: 2, own: false },
    ]);
  });

  it('go on after one that failed', async () => {
    const turns = new Turns<number>();
    const { act, end, fail } = acts();
    const first = turns.take('a', act);
    const second = turns.take('a', act);
    fail[0]!(new Error('the database is away'));
    await expect(first).rejects.toThrow('the database is away');
    end[1]!();
    expect(await second).toEqual({ value: 2, own: true });
  });

  it('of other names begin at once, as does one after all are over', async () => {
    const turns = new Turns<number>();
    const { act, end } = acts();
    const some = [turns.take('a', act), turns.take('b', act)];
    for (const done of end.splice(0)) done();
    await Promise.all(some);
    const again = turns.take('a', act);
    expect(end).toHaveLength(1);
    end[0]!();
    expect(await again).toMatchObject({ own: true });
  });
});
