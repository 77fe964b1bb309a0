import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { SystemClock } from '../src/platform/clock.js';
import { type Environment, readEnvironment } from '../src/platform/environment.js';
import { FileMissing, OtherContent } from '../src/platform/storage/file-storage.js';
import { S3Storage } from '../src/platform/storage/s3-storage.js';
import { StoredFiles } from '../src/platform/storage/stored-files.js';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';
import { startTestS3, TEST_S3_KEYS, type TestS3 } from './support/s3.js';

describe('files in a bucket', () => {
  let s3: TestS3;
  let environment: Environment;

  beforeAll(async () => {
    s3 = await startTestS3();
    environment = readEnvironment({ STORAGE_URL: s3.url, ...TEST_S3_KEYS });
  });

  afterAll(() => s3.close());

  describe('as a storage', () => {
    let folder: string;
    let storage: S3Storage;

    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'storewatch-s3-spool-'));
      storage = new S3Storage(environment.s3!, folder, new SystemClock());
    });

    afterEach(async () => {
      s3.refuse(null);
      storage.onApplicationShutdown();
      await rm(folder, { recursive: true, force: true });
    });

    it('appear whole, with their size and hash, under the prefix', async () => {
      const file = await storage.publish('a.csv', 'token', ['Zoë\n', 'b\n']);
      expect(file).toMatchObject({ name: 'a.csv', bytes: 7 });
      expect(await storage.look('a.csv')).toMatchObject({ bytes: 7, sha256: file.sha256 });
      expect(await text(await storage.read('a.csv'))).toBe('Zoë\nb\n');
      expect(storage.pathOf('a.csv')).toBe('s3://reports/kept/here/a.csv');
      expect(s3.requests.some((line) => line.startsWith('PUT /reports/kept/here/a.csv'))).toBe(true);
      expect(await readdir(folder)).toEqual([]);
    });

    it('go up in parts when they are large, and are read in part', async () => {
      const content = Buffer.alloc(20_000_000, 'storewatch ');
      const pieces = Array.from({ length: 20 }, (_, place) =>
        content.subarray(place * 1e6, (place + 1) * 1e6),
      );
      await storage.publish('large.csv', 'token', pieces);
      expect(s3.requests.filter((line) => line.includes('large.csv?partNumber='))).toHaveLength(3);
      const part = await buffer(await storage.read('large.csv', { first: 9_999_990, last: 10_000_009 }));
      expect(part.equals(content.subarray(9_999_990, 10_000_010))).toBe(true);
    });

    it('do not appear when a part of them does not arrive, and the parts are given up', async () => {
      await storage.publish('b.csv', 'one', ['what was there before']);
      s3.refuse(/b\.csv\?partNumber=2/);
      const pieces = Array.from({ length: 20 }, () => Buffer.alloc(1_000_000, 'x'));
      await expect(storage.publish('b.csv', 'two', pieces)).rejects.toMatchObject({
        // This server can't give up parts, and says so; that it was asked is what counts.
        $metadata: { httpStatusCode: 405 },
      });
      expect(await text(await storage.read('b.csv'))).toBe('what was there before');
      expect(s3.requests.some((line) => /^DELETE .*b\.csv\?uploadId=/.test(line))).toBe(true);
      expect(await readdir(folder)).toEqual([]);
    });

    it('do not appear when their content breaks off or is not what it has to be', async () => {
      async function* broken(): AsyncGenerator<string> {
        yield 'ha';
        throw new Error('the rows ended in the middle');
      }
      await expect(storage.publish('c.csv', 'one', broken())).rejects.toThrow('ended in the middle');
      await expect(storage.publish('c.csv', 'two', ['other'], 'a'.repeat(64))).rejects.toThrow(OtherContent);
      expect(await storage.look('c.csv')).toBeNull();
      expect(await readdir(folder)).toEqual([]);
    });

    it('can be removed, twice too', async () => {
      await storage.publish('d.csv', 'one', ['d']);
      await storage.remove('d.csv');
      await storage.remove('d.csv');
      expect(await storage.look('d.csv')).toBeNull();
      await expect(storage.read('d.csv')).rejects.toThrow(FileMissing);
    });

    it('are told from what somebody else put in their place', async () => {
      const file = await storage.publish('e.csv', 'one', ['ours']);
      const files = new StoredFiles(storage);
      expect(await files.isWhole(file)).toBe(true);
      const { endpoint, region, bucket } = environment.s3!;
      const client = new S3Client({
        endpoint: endpoint!,
        region,
        forcePathStyle: true,
        credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      });
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept/here/e.csv', Body: 'thei' }));
      client.destroy();
      expect(await files.isWhole(file)).toBe(false);
    });

    it('leave temporary ones of killed runs in the folder, which a sweep removes', async () => {
      await writeFile(path.join(folder, 'f.csv.t.part'), 'x');
      const inTwoHours = { nowUs: () => (Date.now() + 2 * 3_600_000) * 1000 };
      const later = new S3Storage(environment.s3!, folder, inTwoHours);
      await later.sweep();
      later.onApplicationShutdown();
      expect(await readdir(folder)).toEqual([]);
    });

    it('are refused in a sentence when the bucket is not there', async () => {
      expect(await storage.check()).toBe('The bucket reports answers.');
      const other = new S3Storage({ ...environment.s3!, bucket: 'nobody' }, folder, new SystemClock());
      await expect(other.prepare()).rejects.toThrow("Finished reports can't be kept in the bucket nobody at");
      other.onApplicationShutdown();
    });

    it('are tried out at the start: a bucket that takes none is refused in a sentence, and nothing is left in it', async () => {
      const tried = (method: string): boolean =>
        s3.requests.some((line) => line.startsWith(`${method} /reports/kept/here/check-`));
      await storage.prepare();
      expect([tried('PUT'), tried('DELETE')]).toEqual([true, true]);
      s3.refuse(/^PUT .*check-/);
      await expect(storage.prepare()).rejects.toThrow(
        "Finished reports can't be kept in the bucket reports at",
      );
    }, 30_000);

    it('of killed runs are given up in part, those of others in the same bucket are not', async () => {
      const ours = '0199a000-0000-7000-8000-000000000000.extended.csv';
      const began = new Date(Date.now() - 3 * 86_400_000);
      const uploads = [ours, 'photographs.zip', `${ours}/part`, 'check'].map((name) => ({
        Key: `kept/here/${name}`,
        UploadId: name,
        Initiated: began,
      }));
      const aborted: string[] = [];
      const send = jest.spyOn(S3Client.prototype, 'send').mockImplementation((command: unknown) => {
        if (command instanceof ListMultipartUploadsCommand) return { Uploads: uploads };
        if (!(command instanceof AbortMultipartUploadCommand)) throw new Error('Nothing else is asked for.');
        aborted.push(command.input.UploadId!);
        // Another process was first.
        const gone = { name: 'NoSuchUpload', $fault: 'client', message: 'gone', $metadata: {} } as const;
        return Promise.reject(new S3ServiceException(gone));
      });
      await storage.sweep();
      send.mockRestore();
      expect(aborted).toEqual([ours]);
    });
  });

  describe('as those of reports', () => {
    let api: TestApi;

    beforeAll(async () => {
      api = await startTestApi({ s3: environment.s3 });
      await api.putData(TWO_STORES);
      await api.http.post('/data/').expect(200);
    });

    afterAll(() => api.close());

    it('are published, downloaded whole and in part, made again and removed', async () => {
      const accepted = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
      const { body } = await api.http.get(accepted.body.links.self).set('Prefer', 'wait=20').expect(200);
      expect(body).toMatchObject({ status: 'completed' });
      const url = `/api/v1/reports/${body.id}/file`;
      const whole = await api.http.get(url).buffer(true).expect(200);
      expect(whole.text).toBe(TWO_STORES_REPORT);
      const part = await api.http.get(url).set('Range', 'bytes=3-8').buffer(true).expect(206);
      expect(part.text).toBe(TWO_STORES_REPORT.slice(3, 9));
      await api.http.get(`${url}?format=xlsx`).expect(200);

      const storage = new S3Storage(environment.s3!, api.environment.reportsDir, new SystemClock());
      expect(await storage.look(`${body.id}.xlsx`)).not.toBeNull();
      await storage.remove(`${body.id}.csv`);
      expect((await api.http.get(url).buffer(true).expect(200)).text).toBe(TWO_STORES_REPORT);
      await api.http.delete(`/api/v1/reports/${body.id}`).expect(204);
      for (const format of ['csv', 'json', 'xlsx'])
        expect(await storage.look(`${body.id}.${format}`)).toBeNull();
      storage.onApplicationShutdown();
      expect(await readdir(api.environment.reportsDir)).toEqual([]);
    });

    it('count in the health of the server', async () => {
      const { body } = await api.http.get('/api/v1/health');
      expect(body.components.storage).toMatchObject({ status: 'ok', detail: 'The bucket reports answers.' });
    });
  });
});
