import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { SystemClock } from '../clock.js';
import { DiskStorage } from './disk-storage.js';
import { FileMissing, OtherContent, StorageFull } from './file-storage.js';
import { StoredFiles } from './stored-files.js';

describe('files in a folder', () => {
  let folder: string;
  let storage: DiskStorage;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-storage-'));
    storage = new DiskStorage(folder, new SystemClock());
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('appear whole, with their size and hash', async () => {
    const file = await storage.publish('a.csv', 'token', ['Zoë\n', Buffer.from('b\n')]);
    expect(file).toEqual({
      name: 'a.csv',
      bytes: 7,
      sha256: '57e03a56d8815774d9aa42ba3c54a2a25bfaedeffe4440ba9344d520e67ef941',
    });
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('Zoë\nb\n');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('stay what they were when new content breaks off, and nothing else is left', async () => {
    await storage.publish('a.csv', 'one', ['whole']);
    async function* broken(): AsyncGenerator<string> {
      yield 'ha';
      throw new Error('the rows ended in the middle');
    }
    await expect(storage.publish('a.csv', 'two', broken())).rejects.toThrow('ended in the middle');
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('stay what they were when the disk is full, and a sentence says so', async () => {
    await storage.publish('a.csv', 'one', ['whole']);
    async function* tooMuch(): AsyncGenerator<string> {
      yield 'a piece that still fits';
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    const refused = storage.publish('a.csv', 'two', tooMuch());
    await expect(refused).rejects.toThrow(StorageFull);
    await expect(refused).rejects.toThrow(`There is no room left in ${folder}`);
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('do not appear when they had to be what was there before and are not', async () => {
    const { sha256 } = await storage.publish('a.csv', 'one', ['rows']);
    await storage.remove('a.csv');
    await expect(storage.publish('a.csv', 'two', ['other rows'], sha256)).rejects.toThrow(OtherContent);
    expect(await readdir(folder)).toEqual([]);
    expect(await storage.publish('a.csv', 'three', ['ro', 'ws'], sha256)).toMatchObject({ sha256 });
  });

  it('may be written by two runs at once: one of them stands there whole', async () => {
    const content = (letter: string): string[] => Array.from({ length: 1_000 }, () => letter.repeat(100));
    await Promise.all([
      storage.publish('a.csv', 'one', content('x')),
      storage.publish('a.csv', 'two', content('y')),
    ]);
    const written = await readFile(path.join(folder, 'a.csv'), 'utf8');
    expect([content('x').join(''), content('y').join('')]).toContain(written);
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('tell their size and another version when they were written again; one that is not there is null', async () => {
    await storage.publish('a.csv', 'one', ['abc']);
    const state = await storage.look('a.csv');
    expect(state).toMatchObject({ bytes: 3, sha256: null });
    await storage.publish('a.csv', 'two', ['abd']);
    expect((await storage.look('a.csv'))?.version).not.toBe(state?.version);
    expect(await storage.look('b.csv')).toBeNull();
  });

  it('are missing, and no longer whole, when they go between the look and the reading', async () => {
    const file = await storage.publish('a.csv', 'token', ['whole']);
    const look = storage.look.bind(storage);
    jest.spyOn(storage, 'look').mockImplementation(async (name) => {
      const state = await look(name);
      await storage.remove(name);
      return state;
    });
    expect(await new StoredFiles(storage).isWhole(file)).toBe(false);
    await expect(storage.read('a.csv')).rejects.toThrow(FileMissing);
  });

  it('are read whole or in part', async () => {
    await storage.publish('a.csv', 'one', ['0123456789']);
    expect(await text(await storage.read('a.csv'))).toBe('0123456789');
    expect(await text(await storage.read('a.csv', { first: 2, last: 4 }))).toBe('234');
    await expect(storage.read('b.csv')).rejects.toThrow(FileMissing);
  });

  it('leave temporary ones of killed runs behind, which a sweep removes, and none that may still be written', async () => {
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const name of ['old.csv.t.part', 'new.csv.t.part', 'old.csv']) {
      await writeFile(path.join(folder, name), 'x');
      if (name.startsWith('old')) await utimes(path.join(folder, name), old, old);
    }
    await storage.sweep();
    expect((await readdir(folder)).sort()).toEqual(['new.csv.t.part', 'old.csv']);
  });

  it('are tried out at the start: a folder that is a file is refused in a sentence', async () => {
    await storage.prepare();
    expect(await readdir(folder)).toEqual([]);
    const occupied = path.join(folder, 'occupied');
    await writeFile(occupied, '');
    const other = new DiskStorage(occupied, new SystemClock());
    await expect(other.prepare()).rejects.toThrow(`Finished reports can't be kept in ${occupied}`);
    await expect(other.check()).rejects.toThrow('EEXIST');
  });
});
