import { Logger } from '@nestjs/common';
import { FreshSnapshots } from './fresh-snapshots.js';
import type { StatusSnapshot } from './status.reader.js';
import { StoreStandings } from './store-standings.js';

function snapshot(version: number, era: string, asOfUs: number | null): StatusSnapshot {
  const counts = { up: 0, down: 0, unobserved: 0, closed: 0, inactive: 0, unpolled: 0 };
  const lists = { down: new StoreStandings(), unobserved: new StoreStandings() };
  return { asOfUs, computedAtUs: 0, version, era, counts, ...lists };
}

/** Facts whose version can be set, looked at under a clock that stands still; each pass takes `tookMs`. */
class Facts {
  version = 1;
  era = '1';
  eraLooks = 0;
  nowMs = 0;
  tookMs = 100;
  readonly passes: (number | null)[] = [];
  held: Promise<void> | null = null;
  readonly snapshots = new FreshSnapshots(
    {
      read: async (atUs) => {
        this.passes.push(atUs);
        const { version, era } = this;
        await this.held;
        this.nowMs += this.tookMs;
        return snapshot(version, era, atUs);
      },
      isUnchanged: ({ version }) => Promise.resolve(version === this.version),
      era: () => {
        this.eraLooks += 1;
        return this.era === 'away'
          ? Promise.reject(new Error('The database is away.'))
          : Promise.resolve(this.era);
      },
    },
    () => this.nowMs,
  );

  async versionAt(atUs: number | null = null): Promise<number> {
    return (await this.snapshots.get(atUs)).version;
  }

  /** Passes that are held up until the returned function is called. */
  hold(): () => void {
    let open = (): void => undefined;
    this.held = new Promise((resolve) => {
      open = () => {
        this.held = null;
        resolve();
      };
    });
    return () => open();
  }

  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

describe('snapshots of all stores', () => {
  it('are made once for all who ask at once', async () => {
    const facts = new Facts();
    expect(await Promise.all([facts.versionAt(), facts.versionAt(), facts.versionAt()])).toEqual([1, 1, 1]);
    expect(facts.passes).toHaveLength(1);
  });

  it('are not looked after for a while, though facts change', async () => {
    const facts = new Facts();
    await facts.versionAt();
    facts.version = 2;
    facts.nowMs += 1_500;
    expect(await facts.versionAt()).toBe(1);
    expect(facts.passes).toHaveLength(1);
  });

  it('are answered with while the next one is being made, and then replaced', async () => {
    const facts = new Facts();
    await facts.versionAt();
    facts.version = 2;
    facts.nowMs += 2_500;
    const open = facts.hold();
    expect(await facts.versionAt()).toBe(1);
    expect(await facts.versionAt()).toBe(1);
    open();
    await facts.settled();
    expect(await facts.versionAt()).toBe(2);
    expect(facts.passes).toHaveLength(2);
  });

  it('are waited for when nobody has asked for long', async () => {
    const facts = new Facts();
    await facts.versionAt();
    facts.version = 2;
    facts.nowMs += 20_000;
    expect(await facts.versionAt()).toBe(2);
  });

  it('stay as they are while nothing changes, but for a minute at most', async () => {
    const facts = new Facts();
    await facts.versionAt();
    facts.nowMs += 20_000;
    await facts.versionAt();
    expect(facts.passes).toHaveLength(1);
    facts.nowMs += 50_000;
    await facts.versionAt();
    expect(facts.passes).toHaveLength(2);
  });

  it('take no more than a tenth of the time', async () => {
    const facts = new Facts();
    facts.tookMs = 3_000;
    await facts.versionAt();
    facts.version = 2;
    facts.nowMs += 29_000;
    await facts.versionAt();
    await facts.settled();
    expect(facts.passes).toHaveLength(1);
    facts.nowMs += 2_000;
    await facts.versionAt();
    await facts.settled();
    expect(facts.passes).toHaveLength(2);
  });

  it('are kept of a few instants besides the present one', async () => {
    const facts = new Facts();
    await facts.versionAt();
    for (let at = 1; at <= 6; at++) await facts.versionAt(at);
    await facts.versionAt(6);
    expect(facts.passes).toHaveLength(7);
    await facts.versionAt(1);
    expect(facts.passes).toHaveLength(8);
    expect(await facts.versionAt()).toBe(1);
    expect(facts.passes).toHaveLength(8);
  });

  it('are refused where many other instants wait for theirs', async () => {
    const facts = new Facts();
    const open = facts.hold();
    const asked = Array.from({ length: 8 }, (_, at) => facts.versionAt(at + 1));
    await expect(facts.versionAt(100)).rejects.toMatchObject({ status: 503, code: 'too_many_instants' });
    open();
    expect(await Promise.all(asked)).toHaveLength(8);
  });

  it('are tried again after a pass that failed', async () => {
    const facts = new Facts();
    facts.held = Promise.reject(new Error('the database is away'));
    await expect(facts.versionAt()).rejects.toThrow('the database is away');
    facts.held = null;
    expect(await facts.versionAt()).toBe(1);
  });

  it('are made anew for whoever asks after all was forgotten, also while one was being made', async () => {
    const facts = new Facts();
    const open = facts.hold();
    const before = facts.versionAt();
    await facts.settled();
    facts.version = 2;
    facts.snapshots.forget();
    const after = facts.versionAt();
    open();
    expect(await before).toBe(1);
    expect(await after).toBe(2);
    expect(await facts.versionAt()).toBe(2);
    expect(facts.passes).toHaveLength(2);
  });

  it('of another era are answered with for a second at most, however long a pass takes', async () => {
    const facts = new Facts();
    facts.tookMs = 30_000;
    await facts.versionAt();
    facts.version = 2;
    facts.era = '2';
    await facts.versionAt();
    facts.nowMs += 1_000;
    expect(await facts.versionAt()).toBe(2);
    expect(facts.passes).toHaveLength(2);
  });

  it('have their era looked at once a second, however many ask', async () => {
    const facts = new Facts();
    await facts.versionAt();
    for (let second = 0; second < 3; second++) {
      facts.nowMs += 600;
      await Promise.all([facts.versionAt(), facts.versionAt(), facts.versionAt(1)]);
    }
    expect(facts.eraLooks).toBeLessThanOrEqual(3);
  });

  it('are answered with although their era can not be looked at', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const facts = new Facts();
    await facts.versionAt();
    facts.era = 'away';
    facts.nowMs += 1_500;
    expect(await facts.versionAt()).toBe(1);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('The database is away'));
    warned.mockRestore();
  });
});
