import { keysBetween, KeyOrders, lengthOf } from './key-orders.js';

function orderOf(...keys: number[]): Buffer {
  const bytes = Buffer.alloc(keys.length * 4);
  for (const [place, key] of keys.entries()) bytes.writeInt32BE(key, place * 4);
  return bytes;
}

/** A computation that ends when it is told to. */
function held(): { compute: () => Promise<Buffer>; end: (order: Buffer) => void; starts: () => number } {
  let starts = 0;
  let end: (order: Buffer) => void = () => undefined;
  const result = new Promise<Buffer>((resolve) => (end = resolve));
  const compute = (): Promise<Buffer> => {
    starts += 1;
    return result;
  };
  return { compute, end, starts: () => starts };
}

describe('orders of keys', () => {
  it('are cut into pages, the last of which may be short', () => {
    const order = orderOf(7, 5, 2_147_483_647);
    expect(lengthOf(order)).toBe(3);
    expect(keysBetween(order, 1, 3)).toEqual([5, 2_147_483_647]);
    expect(keysBetween(order, 2, 10)).toEqual([2_147_483_647]);
    expect(keysBetween(order, 3, 10)).toEqual([]);
  });

  it('are worked out once, for those who wait and for those who come later', async () => {
    const orders = new KeyOrders();
    const work = held();
    const both = [orders.get('a', work.compute), orders.get('a', work.compute)];
    work.end(orderOf(1));
    expect(await Promise.all(both)).toEqual([orderOf(1), orderOf(1)]);
    expect(await orders.get('a', work.compute)).toEqual(orderOf(1));
    expect(work.starts()).toBe(1);
  });

  it('are worked out two at a time, and the next one starts when one ends', async () => {
    const orders = new KeyOrders();
    const works = [held(), held(), held()];
    const all = works.map((work, place) => orders.get(String(place), work.compute));
    expect(works.map((work) => work.starts())).toEqual([1, 1, 0]);
    works[0]!.end(orderOf(1));
    await all[0];
    expect(works[2]!.starts()).toBe(1);
    for (const work of works) work.end(orderOf(2));
    await Promise.all(all);
  });

  it('are asked for again when working one out failed, and its place is free', async () => {
    const orders = new KeyOrders();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const failing = orders.get('a', () => Promise.reject(new Error('the database is away')));
      await expect(failing).rejects.toThrow('the database is away');
    }
    expect(await orders.get('a', () => Promise.resolve(orderOf(3)))).toEqual(orderOf(3));
  });

  it('are forgotten, longest unused first, when they take too much room', async () => {
    const orders = new KeyOrders();
    const large = Buffer.alloc(20 * 1_048_576);
    const starts: string[] = [];
    const ask = (name: string): Promise<Buffer> =>
      orders.get(name, () => {
        starts.push(name);
        return Promise.resolve(large);
      });
    for (const name of ['a', 'b', 'c', 'a', 'd', 'a', 'c', 'd', 'b']) await ask(name);
    expect(starts).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('are given though they alone take more room than all may', async () => {
    const orders = new KeyOrders();
    const huge = Buffer.alloc(70 * 1_048_576);
    expect((await orders.get('a', () => Promise.resolve(huge))).length).toBe(huge.length);
  });
});
