import { SharedReads } from './shared-reads.js';

/** Reads that end when they are told to. */
function controlled() {
  const begun: { keys: readonly string[]; end: (value: string) => void; fail: (error: Error) => void }[] = [];
  const reads = new SharedReads<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const end = (value: string): void => resolve(new Map(keys.map((key) => [key, `${key} ${value}`])));
        begun.push({ keys, end, fail: reject });
      }),
  );
  /** The read of that number, once it has begun. */
  const read = async (place: number) => {
    while (begun[place] === undefined) await Promise.resolve();
    return begun[place];
  };
  return { reads, begun, read };
}

describe('shared reads', () => {
  it('read once for all who ask at once', async () => {
    const { reads, begun, read } = controlled();
    const answers = [reads.get('a'), reads.get('b'), reads.get('a')];
    (await read(0)).end('first');
    expect(await Promise.all(answers)).toEqual(['a first', 'b first', 'a first']);
    expect(begun.map(({ keys }) => keys)).toEqual([['a', 'b']]);
  });

  it('give nobody an answer of a read that had begun before the question', async () => {
    const { reads, begun, read } = controlled();
    const early = reads.get('a');
    const first = await read(0);
    const late = [reads.get('a'), reads.get('a')];
    first.end('old');
    expect(await early).toBe('a old');
    (await read(1)).end('new');
    expect(await Promise.all(late)).toEqual(['a new', 'a new']);
    expect(begun).toHaveLength(2);
  });

  it('go on after one that failed', async () => {
    const { reads, read } = controlled();
    const early = reads.get('a');
    const first = await read(0);
    const late = reads.get('a');
    first.fail(new Error('no connection'));
    await expect(early).rejects.toThrow('no connection');
    (await read(1)).end('new');
    expect(await late).toBe('a new');
  });

  it('say that there is nothing', async () => {
    expect(await new SharedReads<string>(() => Promise.resolve(new Map())).get('a')).toBeUndefined();
  });
});
