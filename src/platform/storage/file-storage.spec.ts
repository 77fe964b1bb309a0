import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SystemClock } from '../clock.js';
import { readEnvironment } from '../environment.js';
import { FileStorage } from './file-storage.js';

describe('file storage', () => {
  let folder: string;
  let storage: FileStorage;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-storage-'));
    storage = new FileStorage({ ...readEnvironment({}), reportsDir: folder }, new SystemClock());
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('publishes a file whole, with its size and hash', async () => {
    const file = await storage.publish('a.csv', 'token', ['Zoë\n', 'b\n']);
    expect(file).toEqual({
      name: 'a.csv',
      bytes: 7,
      sha256: '57e03a56d8815774d9aa42ba3c54a2a25bfaedeffe4440ba9344d520e67ef941',
    });
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('Zoë\nb\n');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('leaves the former file and nothing else when the content breaks off', async () => {
    await storage.publish('a.csv', 'one', ['whole']);
    async function* broken(): AsyncGenerator<string> {
      yield 'ha';
      throw new Error('the rows ended in the middle');
    }
    await expect(storage.publish('a.csv', 'two', broken())).rejects.toThrow('ended in the middle');
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('lets two runs write the same name at once: one of them stands there whole', async () => {
    const content = (letter: string): string[] => Array.from({ length: 1_000 }, () => letter.repeat(100));
    await Promise.all([
      storage.publish('a.csv', 'one', content('x')),
      storage.publish('a.csv', 'two', content('y')),
    ]);
    const text = await readFile(path.join(folder, 'a.csv'), 'utf8');
    expect([content('x').join(''), content('y').join('')]).toContain(text);
    expect(await readdir(folder)).toEqual(['a.csv']);
  });

  it('tells the size of a file, and null of one that is not there', async () => {
    await storage.publish('a.csv', 'one', ['abc']);
    expect(await storage.bytesOf('a.csv')).toBe(3);
    expect(await storage.bytesOf('b.csv')).toBeNull();
  });

  it('removes at start what killed runs left behind, and nothing that may still be written', async () => {
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const name of ['old.csv.t.part', 'new.csv.t.part', 'old.csv']) {
      await writeFile(path.join(folder, name), 'x');
      if (name.startsWith('old')) await utimes(path.join(folder, name), old, old);
    }
    await storage.onApplicationBootstrap();
    expect((await readdir(folder)).sort()).toEqual(['new.csv.t.part', 'old.csv']);
  });
});
