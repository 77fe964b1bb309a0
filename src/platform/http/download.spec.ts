import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { SystemClock } from '../clock.js';
import { DiskStorage } from '../storage/disk-storage.js';
import { waitFor } from '../wait.js';
import { sendAttachment } from './download.js';

const BYTES = 3_000_000;

describe('a download', () => {
  let folder: string;
  let server: Server;
  let sent: Promise<void>[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'storewatch-download-'));
    const storage = new DiskStorage(folder, new SystemClock());
    const { sha256 } = await storage.publish('a.csv', 'token', [Buffer.alloc(BYTES, 'x')]);
    const app = express();
    app.get('/', (request, response) => {
      sent.push(
        sendAttachment(request, response, {
          fileName: 'a.csv',
          contentType: 'text/csv',
          bytes: BYTES,
          sha256,
          open: (range) => storage.read('a.csv', range),
        }),
      );
    });
    await new Promise<void>((resolve) => {
      server = app.listen(0, '127.0.0.1', () => resolve());
    });
  });

  beforeEach(() => {
    sent = [];
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await rm(folder, { recursive: true, force: true });
  });

  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  /** Goes away after the first bytes. */
  function abandon(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = get(address(), { agent: false }, (response) => {
        response.once('data', () => response.destroy());
        response.once('close', resolve);
        response.on('error', () => undefined);
      });
      request.once('error', reject);
    });
  }

  it('that its client leaves, a thousand times, leaves nothing open and throws nothing', async () => {
    const open = async (): Promise<number> => (await readdir('/dev/fd')).length;
    const before = await open();
    for (let round = 0; round < 50; round += 1) await Promise.all(Array.from({ length: 20 }, abandon));
    expect(sent).toHaveLength(1_000);
    await Promise.all(sent);
    expect(await waitFor(async () => ((await open()) <= before + 2 ? true : null), 10_000)).toBe(true);
  });

  it('brings the content whose hash is its tag', async () => {
    const response = await fetch(address());
    const content = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('etag')).toBe(`"${createHash('sha256').update(content).digest('hex')}"`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a.csv"');
  });
});
