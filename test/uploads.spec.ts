import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { constants, createGzip, gzipSync } from 'node:zlib';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { ImportView } from '../src/ingestion/imports/import.view.js';
import { UploadFolders } from '../src/ingestion/uploads/upload-folders.js';
import { waitFor } from '../src/platform/wait.js';
import { startTestApi, type TestApi } from './support/application.js';
import {
  fieldPart,
  filePart,
  FORM_TYPE,
  formOf,
  pollsOf,
  portOf,
  type RawPart,
  sendChunked,
  sha256,
  uploadFolders,
} from './support/uploads.js';

const ADDRESS = '/api/v1/imports';
const ZONES = 'store_id,timezone_str\n7,America/Boise\n';
const HOURS = 'store_id,day,start_time_local,end_time_local\n7,0,09:00,17:00\n';

interface ProblemBody {
  type: string;
  detail: string;
  errors?: { pointer: string; code: string; detail: string }[];
}

describe('receiving uploads', () => {
  let api: TestApi;
  let database: DataSource;

  beforeAll(async () => {
    api = await startTestApi();
    database = api.app.get(DataSource);
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    await database.query(
      'TRUNCATE stores, business_hours, store_day_polls, imports, import_files, import_rejects CASCADE',
    );
  });

  afterEach(() => jest.restoreAllMocks());

  const send = (parts: readonly RawPart[], status: number, to: TestApi = api): Promise<{ body: unknown }> =>
    to.http.post(ADDRESS).set('Content-Type', FORM_TYPE).send(formOf(parts)).expect(status);

  const ended = async (id: string): Promise<ImportView> => {
    const { body } = await api.http.get(`${ADDRESS}/${id}`).set('Prefer', 'wait=25').expect(200);
    return body as ImportView;
  };

  const accepted = async (parts: readonly RawPart[]): Promise<ImportView> => {
    const { id } = (await send(parts, 202)).body as ImportView;
    return ended(id);
  };

  const refused = async (parts: readonly RawPart[], status: number): Promise<ProblemBody> =>
    (await send(parts, status)).body as ProblemBody;

  async function expectNothingKept(of: TestApi = api): Promise<void> {
    expect(await uploadFolders(of)).toEqual([]);
    expect((await of.http.get(ADDRESS).expect(200)).body.data).toEqual([]);
  }

  it('loads all files of a form, whatever their fields are called, by the headers they have', async () => {
    const polls = pollsOf('7', 3);
    const view = await accepted([
      filePart(polls, 'mine.csv', 'a'),
      filePart(HOURS, 'b.txt', 'b'),
      filePart(ZONES, 'zones', 'files[]'),
    ]);
    expect(view).toMatchObject({ status: 'completed', source: 'upload', waits_for: [] });
    expect(view.files).toMatchObject([
      { name: 'mine.csv', kind: 'polls', bytes: polls.length, sha256: sha256(polls), inserted: 3 },
      { name: 'b.txt', kind: 'hours', inserted: 1 },
      { name: 'zones', kind: 'zones', inserted: 1 },
    ]);
    expect(view.files.map(({ phase, status }) => `${phase}, ${status}`)).toEqual(
      Array(3).fill('done, completed'),
    );
    expect(await uploadFolders(api)).toEqual([]);
  });

  it('remembers the header and the delimiter of each file', async () => {
    const view = await accepted([filePart('Store_ID;"timezone_str"\n7;America/Boise\n')]);
    expect(view.status).toBe('completed');
    const rows = await database.query('SELECT header, delimiter FROM import_files');
    expect(rows).toEqual([{ header: 'Store_ID;"timezone_str"', delimiter: ';' }]);
  });

  it('takes a header alone as a file without rows', async () => {
    const view = await accepted([filePart('store_id,timezone_str\n')]);
    expect(view).toMatchObject({ status: 'completed', files: [{ kind: 'zones', read: 0 }] });
  });

  it('keeps the files where no other user can read them', async () => {
    const folders = api.app.get(UploadFolders, { strict: false });
    const modes: number[] = [];
    jest.spyOn(folders, 'flush').mockImplementationOnce(async (id) => {
      for (const one of [folders.pathOf(id), path.join(folders.pathOf(id), '0.csv')])
        modes.push((await stat(one)).mode & 0o777);
    });
    await accepted([filePart(ZONES)]);
    expect(modes).toEqual([0o700, 0o600]);
  });

  describe('with fields', () => {
    it.each([
      ['before the files', [fieldPart('kind', 'zones'), filePart(ZONES)]],
      ['behind them, where it is the only one', [filePart(ZONES), fieldPart('kind', 'zones')]],
      [
        'for each file',
        [fieldPart('kind', 'zones'), filePart(ZONES), fieldPart('kind', 'hours'), filePart(HOURS)],
      ],
    ])('takes the kind %s', async (_, parts) => {
      expect((await accepted(parts)).status).toBe('completed');
    });

    it('refuses a file whose header is not that of the kind named', async () => {
      const { detail, type } = await refused([fieldPart('kind', 'polls'), filePart(ZONES, 'z.csv')], 422);
      expect(type).toBe('urn:storewatch:problem:wrong_kind');
      expect(detail).toContain('z.csv: This file should hold status polls');
    });

    it('refuses a file above the bounds of bad rows that the caller sets', async () => {
      const view = await accepted([
        fieldPart('reject_limit_share', '0.2'),
        fieldPart('reject_limit_rows', '1'),
        filePart(`${ZONES}8,Nowhere/Land\n9,America/Boise\n`),
      ]);
      expect(view.files).toMatchObject([{ status: 'rejected', error_code: 'too_many_rejects' }]);
    });

    it.each([
      ['kind', 'stores', 'one of polls, hours, zones'],
      ['force', 'yes', 'true or false'],
      ['reject_limit_share', '1.5', 'a number from 0 to 1'],
      ['reject_limit_share', '1e-1', 'a number from 0 to 1'],
      ['reject_limit_rows', '0', 'a whole number'],
      ['reject_limit_rows', '9'.repeat(2_000), 'a whole number'],
      ['file', 'store_id,status', 'no field'],
      ['__proto__', 'x', 'no field'],
    ])('refuses %s = %s and names the field', async (field, value, allowed) => {
      const { errors, detail } = await refused([fieldPart(field, value), filePart(ZONES)], 400);
      expect(errors).toMatchObject([{ pointer: `/${field}` }]);
      expect(detail).toContain(allowed);
      await expectNothingKept();
    });

    it('refuses a file where text is wanted, and a field that is given twice', async () => {
      const { errors } = await refused(
        [
          filePart(ZONES, 'z.csv', 'kind'),
          fieldPart('force', 'true'),
          fieldPart('force', 'false'),
          filePart(ZONES),
        ],
        400,
      );
      expect(errors).toMatchObject([
        { pointer: '/kind', code: 'bad_field' },
        { pointer: '/force', code: 'field_repeated' },
      ]);
    });

    it.each([
      ['no part at all', []],
      ['fields alone', [fieldPart('kind', 'polls')]],
      [
        'a field for files that was left empty',
        [
          {
            head: 'Content-Disposition: form-data; name="file"; filename=""\r\nContent-Type: application/octet-stream',
            content: '',
          },
        ],
      ],
    ])('says what is expected where there is %s', async (_, parts) => {
      const { type, detail } = await refused(parts, 400);
      expect(type).toBe('urn:storewatch:problem:no_file');
      expect(detail).toContain('at least one CSV file');
      await expectNothingKept();
    });

    it('refuses more files and more fields than it takes', async () => {
      const files = await refused(
        Array.from({ length: 101 }, () => filePart(ZONES)),
        400,
      );
      expect(files.detail).toContain('more than 100 files');
      const fields = await refused(
        Array.from({ length: 21 }, () => fieldPart('kind', 'zones')),
        400,
      );
      expect(fields.detail).toContain('more than 20 fields');
      await expectNothingKept();
    });
  });

  describe('of files that are none of ours', () => {
    it.each([
      ['zip', Buffer.from('PK\u0003\u0004rest')],
      ['jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])],
      ['png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])],
      ['pdf', Buffer.from('%PDF-1.7\n')],
      ['zip in gzip', gzipSync(Buffer.from('PK\u0003\u0004rest'))],
      ['gzip in gzip', gzipSync(gzipSync(ZONES))],
      ['bytes of no kind', Buffer.from([1, 2, 3, 0, 0, 7])],
    ])('refuses a %s file under the name of a CSV', async (_, content) => {
      const { type } = await refused([filePart(content, 'store_status.csv')], 415);
      expect(type).toBe('urn:storewatch:problem:not_csv');
      await expectNothingKept();
    });

    it('refuses an empty file, and one whose header fits no kind, and says what each kind wants', async () => {
      const empty = await refused([filePart('', 'a.csv')], 422);
      expect(empty.type).toBe('urn:storewatch:problem:file_empty');
      const unknown = await refused([filePart('name,age\nx,1\n', 'a.csv')], 422);
      expect(unknown.type).toBe('urn:storewatch:problem:kind_unknown');
      expect(unknown.detail).toContain("found 'name', 'age'");
      expect(unknown.detail).toContain('store_id, status, timestamp_utc for status polls');
      const both = await refused(
        [filePart('store_id,timezone_str,status,timestamp_utc\n7,UTC,active,2023-01-22\n')],
        422,
      );
      expect(both.type).toBe('urn:storewatch:problem:kind_ambiguous');
    });

    it('tells all problems of all files at once, and keeps nothing of the request', async () => {
      const { errors, type } = await refused(
        [
          filePart(ZONES, 'good.csv'),
          filePart('', 'empty.csv'),
          filePart('%PDF-1.7', 'paper.pdf'),
          filePart('x,y\n', 'unknown.csv'),
          filePart(gzipSync(ZONES).subarray(0, 20), 'cut.csv.gz'),
        ],
        422,
      );
      expect(type).toBe('urn:storewatch:problem:upload_refused');
      expect(errors!.map(({ pointer, code }) => [pointer, code])).toEqual([
        ['empty.csv', 'file_empty'],
        ['paper.pdf', 'not_csv'],
        ['unknown.csv', 'kind_unknown'],
        ['cut.csv.gz', 'bad_gzip'],
      ]);
      await expectNothingKept();
    });
  });

  describe('packed by gzip', () => {
    it('unpacks what begins as gzip, whatever it is called, and knows it by its content', async () => {
      const polls = pollsOf('7', 20_000);
      const view = await accepted([filePart(gzipSync(polls), 'store_status.csv')]);
      expect(view.files).toMatchObject([
        { bytes: polls.length, sha256: sha256(polls), inserted: 20_000, status: 'completed' },
      ]);
    });

    it('unpacks a file that comes byte by byte', async () => {
      const form = formOf([filePart(gzipSync(ZONES), 'z.csv.gz'), fieldPart('kind', 'zones')]);
      const { status, body } = await sendChunked(
        portOf(api),
        ADDRESS,
        FORM_TYPE,
        Array.from(form, (byte) => Buffer.from([byte])),
      );
      expect(status).toBe(202);
      expect(await ended(body.id!)).toMatchObject({ status: 'completed', files: [{ inserted: 1 }] });
    });

    const large = gzipSync(pollsOf('7', 5_000));
    it.each([
      ['cut off', large.subarray(0, large.length - 9)],
      ['cut off in its head', large.subarray(0, 4)],
      [
        'damaged in the middle',
        Buffer.concat([large.subarray(0, 5_000), Buffer.alloc(50, 7), large.subarray(5_050)]),
      ],
      ['wrong in its sum', Buffer.concat([large.subarray(0, large.length - 8), Buffer.alloc(8, 1)])],
    ])('refuses one that is %s', async (_, content) => {
      const { errors } = await refused([filePart(content, 'a.csv.gz'), filePart('', 'b.csv')], 422);
      expect(errors).toMatchObject([{ code: 'bad_gzip' }, { code: 'file_empty' }]);
      await expectNothingKept();
    });

    it('stops unpacking what gives a hundred times its size', async () => {
      const bomb = await bombOf(300);
      const began = performance.now();
      const { type } = await refused([filePart(bomb, 'polls.csv.gz')], 413);
      expect(performance.now() - began).toBeLessThan(2_000);
      expect(type).toBe('urn:storewatch:problem:gzip_bomb');
      await expectNothingKept();
    });
  });

  describe('that are too large', () => {
    let small: TestApi;

    beforeAll(async () => {
      small = await startTestApi({ uploadLimitBytes: 1_000_000 });
    });

    afterAll(() => small.close());

    it('refuses at once what announces more than the limit', async () => {
      const { body } = await send([filePart(pollsOf('7', 40_000))], 413, small);
      expect(body).toMatchObject({ type: 'urn:storewatch:problem:upload_too_large' });
      await expectNothingKept(small);
    });

    it.each([
      ['comes without a length', (text: string) => formOf([filePart(text)])],
      [
        'is too large together only',
        (text: string) => formOf([filePart(text.slice(0, 600_000)), filePart(text.slice(0, 600_000))]),
      ],
      ['is too large unpacked', (text: string) => formOf([filePart(gzipSync(text))])],
    ])('refuses what %s', async (_, formFor) => {
      const form = formFor(pollsOf('7', 80_000));
      const pieces = Array.from({ length: Math.ceil(form.length / 16_384) }, (__, index) =>
        form.subarray(index * 16_384, (index + 1) * 16_384),
      );
      const { status, body } = await sendChunked(portOf(small), ADDRESS, FORM_TYPE, pieces);
      expect([status, body.type]).toEqual([413, 'urn:storewatch:problem:upload_too_large']);
      await expectNothingKept(small);
    });

    it('answers a client that goes on sending without end', async () => {
      function* endless(): Generator<Buffer> {
        yield formOf([filePart(pollsOf('7', 1_000))]).subarray(0, 30_000);
        const row = Buffer.from('7,active,2023-01-22 12:00:00 UTC\n'.repeat(500));
        for (;;) yield row;
      }
      const { status } = await sendChunked(portOf(small), ADDRESS, FORM_TYPE, endless());
      expect(status).toBe(413);
      await expectNothingKept(small);
    });
  });

  describe('on a disk that is nearly full', () => {
    let disk: string;
    let tight: TestApi;

    beforeAll(async () => {
      disk = await mkdtemp(path.join(tmpdir(), 'storewatch-disk-'));
      tight = await startTestApi({ uploadsDir: path.join(disk, 'uploads') });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'storewatch-test', disk]);
    });

    afterAll(async () => {
      await tight.close();
      execFileSync('umount', [disk]);
      await rm(disk, { recursive: true });
    });

    it.each([
      ['announces more than there is room for', (form: Buffer) => send3(form)],
      [
        'does not say how much it brings',
        (form: Buffer) => sendChunked(portOf(tight), ADDRESS, FORM_TYPE, [form]),
      ],
    ])('refuses what %s, cleans up, and takes the next upload', async (_, sendForm) => {
      const { status, body } = await sendForm(formOf([filePart(pollsOf('7', 80_000))]));
      expect([status, body.type]).toEqual([507, 'urn:storewatch:problem:disk_full']);
      await expectNothingKept(tight);
      const next = await send([filePart(ZONES), fieldPart('force', 'true')], 202, tight);
      const { id } = next.body as ImportView;
      const { body: view } = await tight.http.get(`${ADDRESS}/${id}`).set('Prefer', 'wait=25').expect(200);
      expect(view.status).toBe('completed');
      expect(await uploadFolders(tight)).toEqual([]);
      await tight.app.get(DataSource).query('TRUNCATE imports CASCADE');
    });

    async function send3(form: Buffer): Promise<{ status: number; body: { type?: string } }> {
      const { status, body } = await tight.http.post(ADDRESS).set('Content-Type', FORM_TYPE).send(form);
      return { status, body: body as { type?: string } };
    }
  });

  describe('from hostile clients', () => {
    it.each([
      ['../../x.csv', 'x.csv'],
      ['..\\..\\x.csv', 'x.csv'],
      ['/etc/passwd', 'passwd'],
      ['..', 'unnamed'],
      ['C:\\data\\store_status.csv', 'store_status.csv'],
      ['\u202Evsc.exe\u2066', 'vsc.exe'],
      ['x'.repeat(4_000), 'x'.repeat(100)],
      ['Zoë 店.csv', 'Zoë 店.csv'],
      ['%2e%2e%2fx.csv', '%2e%2e%2fx.csv'],
      ["'; DROP TABLE stores; --.csv", "'; DROP TABLE stores; --.csv"],
    ])('keeps the file name %j as text alone: %j', async (name, shown) => {
      const view = await accepted([filePart(ZONES, name)]);
      expect(view).toMatchObject({ status: 'completed', files: [{ name: shown }] });
    });

    it.each([
      ["UTF-8''a%0D%0AX-Evil%3A%201.csv", 'aX-Evil: 1.csv'],
      ["UTF-8''a%00b%07%1B%5B31m%E2%80%AEvsc.csv", 'ab[31mvsc.csv'],
      ["UTF-8''..%2F..%2Fetc%2Fpasswd", 'passwd'],
    ])('keeps the encoded file name %s as text alone: %s', async (name, shown) => {
      const view = await accepted([
        { head: `Content-Disposition: form-data; name="file"; filename*=${name}`, content: ZONES },
      ]);
      expect(view).toMatchObject({ status: 'completed', files: [{ name: shown }] });
    });

    it('refuses a name with line ends in it', async () => {
      const { type } = await refused([filePart(ZONES, 'a\r\nX-Evil: 1\r\n.csv')], 400);
      expect(type).toBe('urn:storewatch:problem:bad_multipart');
      await expectNothingKept();
    });

    it('answers fifty malformed forms with what is wrong, and lives', async () => {
      const error = jest.spyOn(Logger.prototype, 'error');
      const answers: [status: number, type: string, body: string][] = [];
      for (const [type, body] of malformed()) {
        const response = await api.http.post(ADDRESS).set('Content-Type', type).send(body);
        answers.push([response.status, type, body.toString('latin1').slice(0, 300)]);
      }
      expect(answers).toHaveLength(50);
      expect(answers.filter(([status]) => status < 400 || status > 499)).toEqual([]);
      expect(error).not.toHaveBeenCalled();
      await expectNothingKept();
      expect((await accepted([filePart(ZONES)])).status).toBe('completed');
    });

    it.each([0.01, 0.5, 0.99])(
      'keeps nothing of a client that goes away with %d of the file sent',
      async (share) => {
        const error = jest.spyOn(Logger.prototype, 'error');
        const log = jest.spyOn(Logger.prototype, 'log');
        const form = formOf([filePart(ZONES), filePart(pollsOf('7', 20_000))]);
        const socket = connect(portOf(api), '127.0.0.1');
        socket.write(
          `POST ${ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${form.length}\r\n\r\n`,
        );
        socket.write(form.subarray(0, Math.floor(form.length * share)));
        expect(await uploadFolders(api, 1)).toHaveLength(1);
        socket.destroy();
        await expectNothingKept();
        expect(await waitFor(async () => (log.mock.calls.length > 0 ? true : null), 5_000)).toBe(true);
        expect(log.mock.calls).toEqual([['An upload broke off; nothing of it was kept.']]);
        expect(error).not.toHaveBeenCalled();
      },
    );
  });

  it('ends what is still arriving when the server ends, and keeps nothing of it', async () => {
    const other = await startTestApi({ uploadsDir: path.join(api.environment.uploadsDir, 'other') });
    const form = formOf([filePart(pollsOf('7', 20_000))]);
    const socket = connect(portOf(other), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST ${ADDRESS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${FORM_TYPE}\r\nContent-Length: ${form.length}\r\n\r\n`,
    );
    socket.write(form.subarray(0, 100_000));
    expect(await uploadFolders(other, 1)).toHaveLength(1);
    await other.close();
    expect(await uploadFolders(other)).toEqual([]);
    socket.destroy();
    await rm(other.environment.uploadsDir, { recursive: true });
  });

  describe('that nobody needs any more', () => {
    const old = new Date(Date.now() - 2 * 3_600_000);

    async function putFolder(id: string, age: 'old' | 'new'): Promise<void> {
      const folder = path.join(api.environment.uploadsDir, id);
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, '0.csv'), ZONES);
      if (age === 'old') for (const one of [path.join(folder, '0.csv'), folder]) await utimes(one, old, old);
    }

    const putImport = (id: string, status: string, hoursAgo: number): Promise<unknown> =>
      database.query(
        `INSERT INTO imports (import_id, status, source, directory, completed_at)
         VALUES ($1, $2, 'upload', '', clock_timestamp() - make_interval(hours => $3))`,
        [id, status, hoursAgo],
      );

    it('are removed, and those that may still be loaded stay', async () => {
      const abandoned = uuidv7();
      const arriving = uuidv7();
      await putFolder(abandoned, 'old');
      await putFolder(arriving, 'new');
      const rows: [string, string, number][] = [
        [uuidv7(), 'completed', 0],
        [uuidv7(), 'rejected', 0],
        [uuidv7(), 'cancelled', 0],
        [uuidv7(), 'failed', 25],
        [uuidv7(), 'failed', 23],
      ];
      for (const [id, status, hours] of rows) {
        await putFolder(id, 'old');
        await putImport(id, status, hours);
      }
      await mkdir(path.join(api.environment.uploadsDir, 'not-ours'), { recursive: true });
      await api.app.get(UploadFolders, { strict: false }).sweep();
      const left = await uploadFolders(api, 3);
      expect(left.sort()).toEqual([arriving, rows[4]![0], 'not-ours'].sort());
      for (const name of left) await rm(path.join(api.environment.uploadsDir, name), { recursive: true });
    });
  });

  it('describes the form, its fields and examples', async () => {
    const { body } = await api.http.get('/swagger-json').expect(200);
    for (const address of [ADDRESS, '/data']) {
      const form = body.paths[address].post.requestBody.content['multipart/form-data'];
      expect(Object.keys(form.schema.properties)).toEqual([
        'kind',
        'force',
        'reject_limit_share',
        'reject_limit_rows',
        'file',
      ]);
      expect(Object.keys(form.examples).length).toBeGreaterThan(1);
    }
    expect(body.paths[ADDRESS].post.requestBody.content['application/json'].schema).toBeDefined();
  });
});

/** A gzip of a line repeated: so many megabytes of it. */
async function bombOf(megabytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise((resolve) => gzip.on('end', resolve));
  gzip.write('store_id,status,timestamp_utc\n');
  const megabyte = Buffer.from('7,active,2023-01-22 12:00:00 UTC\n'.repeat(31_000));
  for (let count = 0; count < megabytes; count++) {
    if (!gzip.write(megabyte)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  gzip.end();
  await done;
  return Buffer.concat(chunks);
}

/** Fifty bodies that are no forms, with the type that each says it has. */
function malformed(): [type: string, body: Buffer][] {
  const good = formOf([filePart(ZONES), fieldPart('kind', 'zones')]);
  const text = good.toString();
  const cut = Array.from({ length: 20 }, (_, index): [string, Buffer] => [
    FORM_TYPE,
    good.subarray(0, Math.floor((good.length - 10) * (index / 20)) + 1),
  ]);
  const types = [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
    'multipart/form-data; boundary=other',
    'multipart/form-data; boundary=\u0080',
    `multipart/form-data; boundary=${'b'.repeat(5_000)}`,
    'multipart/form-data; charset=utf-8',
    'multipart/mixed; boundary=a',
    'application/x-www-form-urlencoded',
    'text/csv',
  ].map((type): [string, Buffer] => [type, good]);
  const bodies = [
    text.replaceAll('\r\n', '\n'),
    text.replaceAll('\r\n', '\r'),
    text.replace('Content-Disposition', 'Content-Nothing'),
    text.replace('form-data; name="file"', 'attachment; name="file"'),
    text.replace('form-data; name', '; name'),
    text.replace('name="file"', 'name="file'),
    text.replace('Content-Disposition: ', 'Content-Disposition'),
    text.replace('Content-Disposition', '\u0000\u0001\u0002'),
    text.replace('Content-Type: text/csv', `X-Long: ${'x'.repeat(100_000)}`),
    text.replace('Content-Type: text/csv', 'X: y\r\n'.repeat(5_000).trim()),
    text.replace('Content-Type: text/csv', ': no name'),
    text.replace('\r\n\r\n', '\r\n'),
    text.replace('name="file"', 'name="kind"'),
    text.replace('name="kind"', 'name=""'),
    text.replace('name="kind"', `name="${'[a]'.repeat(3_000)}"`),
    text.replace('name="kind"', 'name="constructor"'),
    text.replace('zones\r\n--', `${'z'.repeat(200_000)}\r\n--`),
    `--a-boundary-of-the-tests--\r\n${text}`,
    '--a-boundary-of-the-tests--',
    '--a-boundary-of-the-tests',
  ].map((body): [string, Buffer] => [FORM_TYPE, Buffer.from(body)]);
  return [...cut, ...types, ...bodies];
}
