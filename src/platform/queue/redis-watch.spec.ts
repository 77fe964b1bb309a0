import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { Chore, Chores } from '../chores.js';
import type { RedisConnections } from './bull-options.js';
import { RedisWatch } from './redis-watch.js';

const FOREVER = new Promise<never>(() => undefined);

/** A connection to a server that says of itself what it is told to, or nothing. */
class Server extends EventEmitter {
  status = 'ready';
  usedBytes = 0;
  policy = 'noeviction';
  isMute = false;

  info(): Promise<string> {
    const { usedBytes } = this;
    return this.answer(
      `redis_version:7.2.0\r\naof_enabled:1\r\nused_memory:${usedBytes}\r\nmaxmemory:100\r\n`,
    );
  }

  config(_: 'GET', name: string): Promise<string[]> {
    const settings = { 'maxmemory-policy': this.policy, appendonly: 'yes', maxmemory: '100' };
    return this.answer([name, settings[name as keyof typeof settings]]);
  }

  private answer<T>(value: T): Promise<T> {
    return this.isMute ? FOREVER : Promise.resolve(value);
  }
}

describe('the watch over Redis', () => {
  let server: Server;
  let watch: RedisWatch;
  let chore: Chore;
  let warnings: string[];

  beforeEach(() => {
    server = new Server();
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: string) => void warnings.push(line));
    const chores = { register: (one: Chore) => void (chore = one) };
    server.status = 'connecting';
    watch = new RedisWatch(
      {} as RedisConnections,
      { get: () => ({ client: server }) } as unknown as ModuleRef,
      chores as Chores,
    );
    watch.onModuleInit();
    server.status = 'ready';
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('does not wait for ever for one that is mute, and keeps what it knew', async () => {
    server.policy = 'allkeys-lru';
    await chore.run();
    expect(watch.problems()).toHaveLength(1);
    jest.useFakeTimers();
    server.isMute = true;
    const looked = chore.run();
    await jest.advanceTimersByTimeAsync(2_000);
    await looked;
    expect(watch.problems()).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says once that the memory fills, and always knows how far', async () => {
    for (const usedBytes of [71, 80, 93]) {
      server.usedBytes = usedBytes;
      await chore.run();
    }
    expect(warnings).toEqual([expect.stringContaining('71 %')]);
    expect(watch.problems()).toEqual([expect.stringContaining('93 %')]);
  });

  describe('asked whether it keeps what it is given', () => {
    it('asks before it answers for the first time, and knows it for some seconds', async () => {
      const asked = jest.spyOn(server, 'info');
      expect(await watch.isDurable()).toBe(true);
      expect(await watch.isDurable()).toBe(true);
      expect(asked).toHaveBeenCalledTimes(1);
    });

    it.each([
      ['it evicts', { policy: 'allkeys-lru' }],
      ['it is nearly full', { usedBytes: 70 }],
      ['it is not connected', { status: 'reconnecting' }],
    ])('says no when %s', async (_, state) => {
      Object.assign(server, state);
      expect(await watch.isDurable()).toBe(false);
    });

    it('does not believe of one that has come back what it said before', async () => {
      expect(await watch.isDurable()).toBe(true);
      server.emit('close');
      server.policy = 'allkeys-lru';
      expect(await watch.isDurable()).toBe(false);
    });

    it('says no after half a second when there is no answer', async () => {
      jest.useFakeTimers();
      server.isMute = true;
      const answer = watch.isDurable();
      await jest.advanceTimersByTimeAsync(500);
      expect(await answer).toBe(false);
      await jest.advanceTimersByTimeAsync(2_000);
    });
  });

  it('tells a fault that comes later alone, and one that has come back again', async () => {
    server.usedBytes = 71;
    await chore.run();
    server.policy = 'allkeys-lru';
    await chore.run();
    expect(warnings).toEqual([expect.stringContaining('71 %'), expect.stringContaining('allkeys-lru')]);
    server.usedBytes = 10;
    await chore.run();
    server.usedBytes = 90;
    await chore.run();
    expect(warnings.slice(2)).toEqual([expect.stringContaining('90 %')]);
  });
});
