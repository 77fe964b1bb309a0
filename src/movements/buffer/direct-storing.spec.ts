import { movementEvent } from '../../../test/support/movement-events.js';
import type { Environment } from '../../platform/environment.js';
import type { MovementEvent } from '../movement-event.js';
import type { MovementWriter } from '../storing/movement.writer.js';
import { DirectStoring } from './direct-storing.js';

const LIMIT = 10_000;

describe('storing straight in the database', () => {
  /** What each transaction was given. */
  let stored: string[][];
  let direct: DirectStoring;
  let fails: (ids: readonly string[]) => Error | null;

  beforeEach(() => {
    stored = [];
    fails = () => null;
    const writer: Pick<MovementWriter, 'store'> = {
      store: (events) => {
        const ids = events.map(({ eventId }) => eventId);
        stored.push(ids);
        const error = fails(ids);
        return error === null
          ? Promise.resolve({ stored: ids.length, duplicates: 0, deadLettered: 0 })
          : Promise.reject(error);
      },
    };
    direct = new DirectStoring(writer as MovementWriter, { movementBufferLimit: LIMIT } as Environment);
  });

  const request = (name: string, count = 1): MovementEvent[] =>
    Array.from({ length: count }, (_, place) => movementEvent(`${name}.${place}`));

  const lengths = (): number[] => stored.map((ids) => ids.length);

  it('lets requests that come while others are stored share a transaction', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => direct.store(request(`r${n}`))));
    expect(lengths()).toEqual([1, 1, 48]);
    expect(new Set(stored.flat()).size).toBe(50);
  });

  it('fills a batch with whole requests, and cuts one that is longer', async () => {
    const counts = [1, 1, 300, 200, 1, 400, 1_000];
    await Promise.all(counts.map((count, n) => direct.store(request(`r${n}`, count))));
    expect(lengths().toSorted((a, b) => a - b)).toEqual([1, 1, 401, 500, 500, 500]);
    expect(new Set(stored.flat()).size).toBe(1_903);
  });

  it('fails the requests of the transaction that failed, and no others', async () => {
    fails = (ids) =>
      ids.includes('r0.0') ? Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) : null;
    const ended = await Promise.allSettled([0, 1, 2, 3].map((n) => direct.store(request(`r${n}`))));
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(ended[0]).toMatchObject({ reason: { status: 503, code: 'database_away' } });
  });

  it('tells what it failed with where the database is not away, and goes on', async () => {
    const broken = new Error('A mistake of ours.');
    fails = () => broken;
    await expect(direct.store(request('r0', LIMIT))).rejects.toBe(broken);
    fails = () => null;
    await direct.store(request('r1', LIMIT));
  });
});
