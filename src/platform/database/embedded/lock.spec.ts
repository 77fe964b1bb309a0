import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { withLock } from './lock.js';
import { identifyProcess } from './process-identity.js';

describe('withLock', () => {
  let base: string;
  let directory: string;

  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'storewatch-lock-'));
    directory = path.join(base, 'lock');
  });

  afterEach(() => {
    rmSync(base, { recursive: true, force: true });
  });

  function leaveLock(number: number, holder: { pid: number; startToken: string }): void {
    mkdirSync(directory);
    writeFileSync(path.join(directory, String(number)), JSON.stringify(holder));
  }

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await nextTurn();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => withLock(directory, work)));
    expect(most).toBe(1);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('gives the lock back when the work fails', async () => {
    await expect(withLock(directory, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(withLock(directory, () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('takes over from a process that died', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    leaveLock(7, { pid: dead, startToken: 'x' });
    await expect(withLock(directory, () => Promise.resolve('done'))).resolves.toBe('done');
    expect(readdirSync(directory)).toEqual(['8']);
  });

  it('takes over when the number of the dead process belongs to another one now', async () => {
    leaveLock(1, { pid: process.pid, startToken: 'an earlier start' });
    await expect(withLock(directory, () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('waits for a living holder', async () => {
    const startToken = identifyProcess(process.pid)?.startToken ?? '';
    leaveLock(1, { pid: process.pid, startToken });
    let entered = false;
    const waiting = withLock(directory, async () => {
      entered = true;
    });
    await nextTurn();
    expect(entered).toBe(false);
    writeFileSync(path.join(directory, '1'), JSON.stringify({ pid: 0, startToken: '' }));
    await waiting;
    expect(entered).toBe(true);
  });
});
