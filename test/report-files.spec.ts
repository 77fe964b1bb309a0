import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { FileStorage } from '../src/platform/storage/file-storage.js';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';
import { cellsOf, unzip } from './support/unzip.js';

interface ReportBody {
  id: string;
  status: string;
  files: { format: string; extended: boolean; spreadsheet_safe: boolean; sha256: string; url: string }[];
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

describe('files of a report', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
    await api.putData(TWO_STORES);
    await api.http.post('/data/').expect(200);
  });

  afterAll(() => api.close());
  afterEach(() => jest.restoreAllMocks());

  async function made(): Promise<ReportBody> {
    const accepted = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const { body } = await api.http.get(accepted.body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(body.status).toBe('completed');
    return body;
  }

  const urlOf = (id: string, query = ''): string => `/api/v1/reports/${id}/file${query}`;

  const textOf = async (id: string, query = ''): Promise<string> =>
    (await api.http.get(urlOf(id, query)).buffer(true).expect(200)).text;

  async function workbookOf(id: string, query: string): Promise<Map<string, string>> {
    const { body } = await api.http
      .get(urlOf(id, `?format=xlsx${query}`))
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => done(null, Buffer.concat(chunks)));
      })
      .expect('Content-Type', XLSX)
      .expect(200);
    return unzip(body as Buffer);
  }

  describe('in every form', () => {
    let report: ReportBody;

    beforeAll(async () => {
      report = await made();
    });

    it('extended, have the seven columns first and then what the figures are worth', async () => {
      const csv = await textOf(report.id, '?extended=true');
      const [head, ...rows] = csv.trimEnd().split('\n');
      const names = head!.split(',');
      expect(names.slice(0, 7).join(',')).toBe(TWO_STORES_REPORT.split('\n')[0]);
      expect(names.slice(7)).toEqual([
        ...['hour', 'day', 'week'].flatMap((window) =>
          [
            'open',
            'unobserved',
            'coverage',
            'uptime_min',
            'uptime_max',
            'polls',
            'polls_outside_hours',
            'inactive',
          ].map((name) => `${name}_last_${window}`),
        ),
        'outages',
        'longest_outage',
        'assumed_zone',
        'assumed_hours',
        'zone',
        'tech_outage_suspected_last_week',
        'closed_unexpectedly_last_week',
        'ghost_open_last_week',
        'monitoring_gap_last_week',
        'after_hours_people_last_week',
        'sensor_silent_last_week',
        'evidence',
      ]);
      const flat = rows.map((row) => row.split(',').slice(0, 7).join(','));
      expect(flat).toEqual(TWO_STORES_REPORT.trimEnd().split('\n').slice(1));
      const second = Object.fromEntries(rows[1]!.split(',').map((cell, place) => [names[place], cell]));
      // Open from 14:00Z; one poll says up at 15:00Z, the next down at 17:00Z: nothing is proved between two that differ.
      expect(second).toMatchObject({
        open_last_hour: '60.00',
        unobserved_last_hour: '0.00',
        coverage_last_hour: '0.00',
        uptime_min_last_hour: '0.00',
        uptime_max_last_hour: '60.00',
        polls_last_hour: '1',
        open_last_day: '8.00',
        polls_last_day: '2',
        open_last_week: '56.00',
        unobserved_last_week: '52.00',
        polls_outside_hours_last_week: '0',
        inactive_last_week: '0.00',
        assumed_zone: 'false',
        assumed_hours: 'false',
      });
    });

    it('leave a share empty where there is no open time', async () => {
      const { id } = await made();
      await api.app
        .get(DataSource)
        .query(
          `UPDATE report_rows SET hour_open_us = 0, hour_uptime_min_us = 0, hour_downtime_min_us = 0 WHERE report_id = $1`,
          [id],
        );
      const [head, row] = (await textOf(id, '?extended=true')).split('\n');
      expect(row!.split(',')[head!.split(',').indexOf('coverage_last_hour')]).toBe('');
      const { body } = await api.http.get(urlOf(id, '?format=json&extended=true')).expect(200);
      expect(body.totals.last_hour.coverage).toBeNull();
    });

    it('are a workbook with typed cells under a frozen head', async () => {
      const parts = await workbookOf(report.id, '&extended=true');
      const sheet = parts.get('xl/worksheets/sheet1.xml')!;
      expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/);
      const [head, first, second] = cellsOf(sheet);
      expect(head!['A']!.text).toBe('store_id');
      expect(first!['A']).toMatchObject({ type: 'inlineStr', text: '0012' });
      expect(second!['A']).toMatchObject({ type: 'inlineStr', text: '8419537941919820732' });
      expect(second!['C']).toEqual({ type: 'n', isStyled: true, text: '3' });
      const assumedHours = Object.entries(head!).find(([, { text }]) => text === 'assumed_hours')![0];
      expect(first![assumedHours]).toMatchObject({ type: 'b', text: '1' });
      expect(parts.get('xl/styles.xml')).toMatch(/0\.00|numFmtId="2"/);
      const flat = cellsOf((await workbookOf(report.id, '')).get('xl/worksheets/sheet1.xml')!);
      expect(Object.keys(flat[1]!)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G']);
    });

    it('extended JSON tells what the columns add up to and mean', async () => {
      const { body } = await api.http.get(urlOf(report.id, '?format=json&extended=true')).expect(200);
      expect(body).toMatchObject({
        report_id: report.id,
        totals: {
          last_hour: { uptime: 60, downtime: 60, open: 120, polls: 2 },
          last_day: { uptime: 26.5, downtime: 5.5, open: 32 },
          last_week: { open: 224, unobserved: 196.5 },
          stores: { outages: expect.any(Number) },
        },
      });
      expect(body.columns).toHaveLength(7 + 24 + 5 + 7);
      expect(body.columns[1]).toEqual({
        name: 'uptime_last_hour',
        unit: 'minutes',
        description: expect.stringContaining('counts as up'),
      });
    });

    it('are listed once they have been made, each with its own address', async () => {
      const { body } = await api.http.get(`/api/v1/reports/${report.id}`).expect(200);
      const listed = body as ReportBody;
      expect(listed.files[0]).toMatchObject({ format: 'csv', extended: false, spreadsheet_safe: false });
      for (const { url, sha256 } of listed.files) {
        const answer = await api.http.head(url).expect(200);
        expect(answer.headers['etag']).toBe(`"${sha256}"`);
      }
    });

    it('speak in JSON of the report that was asked for, also when it was answered from another one', async () => {
      const first = await made();
      const { body: second } = await api.http.post('/api/v1/reports').send({ label: 'again' }).expect(202);
      expect(second).toMatchObject({ status: 'completed', reused_from: first.id });
      for (const query of ['?format=json', '?format=json&extended=true']) {
        const { body } = await api.http.get(urlOf(second.id, query)).expect(200);
        expect(body).toMatchObject({ report_id: second.id, label: 'again', reused_from: first.id });
      }
      const { body: unchanged } = await api.http.get(urlOf(first.id, '?format=json')).expect(200);
      expect(unchanged).toMatchObject({ report_id: first.id, label: null });
      expect(await textOf(second.id)).toBe(await textOf(first.id));
    });

    it('are refused in a form that there is not', async () => {
      const { body } = await api.http.get(urlOf(report.id, '?format=xls')).expect(400);
      expect(body.errors[0].detail).toContain('csv, json, xlsx');
      await api.http.get(urlOf(report.id, '?extended=perhaps')).expect(400);
    });
  });

  describe('with ids and zones that a spreadsheet would run', () => {
    const starts = ['=', '+', '-', '@'];
    const rests = [
      '1+1',
      'cmd|"/C calc"!A0',
      'HYPERLINK("http://x.example";"click")',
      'SUM(A1:A9)',
      '2+5+cmd|x!A0',
      'IMPORTXML(CONCAT("a";"b"))',
      '3.5',
      'A1&B1',
      '"quoted"',
    ];
    const ids = starts.flatMap((start) => rests.map((rest) => start + rest));
    const zones = ['\t=1+1', '\r=1+1', '\t@x', '\r-1'];
    let report: ReportBody;

    beforeAll(async () => {
      const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      await api.putData({
        'store_status.csv': [
          'store_id,status,timestamp_utc',
          ...ids.map((id) => `${cell(id)},active,2023-01-18 17:59:00 UTC`),
          '',
        ].join('\n'),
      });
      await api.http.post('/data/').expect(200);
      report = await made();
      for (const [place, zone] of zones.entries()) {
        await api.app
          .get(DataSource)
          .query('UPDATE report_rows SET zone = $1 WHERE report_id = $2 AND store_id = $3', [
            zone,
            report.id,
            ids[place],
          ]);
      }
    });

    afterAll(async () => {
      await api.http.delete('/api/v1/data').expect(200);
      await api.putData(TWO_STORES);
      await api.http.post('/data/').expect(200);
    });

    const cellOf = (text: string): string =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

    it('have an apostrophe in front in CSV when that is asked for, and only then', async () => {
      const plain = await textOf(report.id);
      const safe = await textOf(report.id, '?spreadsheet_safe=true');
      for (const id of ids) {
        expect(plain).toContain(`\n${cellOf(id)},`);
        expect(safe).toContain(`\n${cellOf(`'${id}`)},`);
      }
      // Nothing but the apostrophes is different.
      expect(safe.replace(/^("?)'/gm, '$1')).toBe(plain);
      const extended = await textOf(report.id, '?spreadsheet_safe=true&extended=true');
      for (const zone of zones) expect(extended).toContain(`,${cellOf(`'${zone}`)},`);
    });

    it('are text with an apostrophe in a workbook, and no cell is a formula', async () => {
      const sheet = (await workbookOf(report.id, '&extended=true')).get('xl/worksheets/sheet1.xml')!;
      expect(sheet).not.toMatch(/<f[ >/]/);
      const texts = cellsOf(sheet)
        .flatMap((row) => Object.values(row))
        .filter(({ type }) => type !== 'n' && type !== 'b')
        .map(({ text }) => text);
      for (const payload of [...ids, ...zones]) expect(texts).toContain(`'${payload}`);
      expect(texts.filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([]);
    });
  });

  describe('that are not there as they were written', () => {
    it.each([
      ['', 'csv'],
      ['?extended=true', 'extended.csv'],
      ['?spreadsheet_safe=true', 'safe.csv'],
      ['?format=json', 'json'],
    ])('are made again from the rows with the same hash: %s', async (query, name) => {
      const { id } = await made();
      const file = path.join(api.environment.reportsDir, `${id}.${name}`);
      const before = await api.http.get(urlOf(id, query)).buffer(true).expect(200);
      const content = await readFile(file);
      for (const damage of [
        () => writeFile(file, 'torn'),
        () => writeFile(file, Buffer.from(content).fill('#', 3, 4)),
        () => rm(file),
      ]) {
        await damage();
        const again = await api.http.get(urlOf(id, query)).buffer(true).expect(200);
        expect(again.text).toBe(before.text);
        expect(again.headers['etag']).toBe(before.headers['etag']);
        expect(await readFile(file)).toEqual(content);
      }
    });

    it('are made again as a workbook too', async () => {
      const { id } = await made();
      const before = cellsOf((await workbookOf(id, '')).get('xl/worksheets/sheet1.xml')!);
      await writeFile(path.join(api.environment.reportsDir, `${id}.xlsx`), 'torn');
      expect(cellsOf((await workbookOf(id, '')).get('xl/worksheets/sheet1.xml')!)).toEqual(before);
    });

    it('are refused while a folder lies in their place, which is left alone, and made when it is gone', async () => {
      const { id } = await made();
      const file = path.join(api.environment.reportsDir, `${id}.csv`);
      const before = await textOf(id, '');
      await rm(file);
      await mkdir(path.join(file, 'somebodys'), { recursive: true });
      for (const method of ['get', 'head'] as const) await api.http[method](urlOf(id, '')).expect(409);
      const { body } = await api.http.get(urlOf(id, '')).expect(409);
      expect(body).toMatchObject({
        type: 'urn:storewatch:problem:place_taken',
        detail: `A folder lies at ${file}, where a file is to be. It is left as it is: move it away, and try again.`,
      });
      expect(await readdir(file)).toEqual(['somebodys']);
      expect((await readdir(api.environment.reportsDir)).filter((name) => name.includes('tmp'))).toEqual([]);
      await rm(file, { recursive: true });
      expect(await textOf(id, '')).toBe(before);
    });

    it('are gone with their report although a folder lies in the place of one', async () => {
      const { id } = await made();
      const folder = path.join(api.environment.reportsDir, `${id}.xlsx`);
      await mkdir(folder);
      await api.http.delete(`/api/v1/reports/${id}`).expect(204);
      expect((await readdir(api.environment.reportsDir)).filter((name) => name.startsWith(id))).toEqual([
        `${id}.xlsx`,
      ]);
      await rm(folder, { recursive: true });
    });

    it('are made by one of many downloads at once', async () => {
      const { id } = await made();
      const publish = jest.spyOn(api.app.get(FileStorage), 'publish');
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => api.http.get(urlOf(id, '?format=xlsx')).expect(200)),
      );
      expect(new Set(answers.map(({ headers }) => headers['etag'] as string)).size).toBe(1);
      expect(publish).toHaveBeenCalledTimes(1);
    });

    it('are read for their hash once, however often they are downloaded', async () => {
      const { id } = await made();
      await textOf(id);
      const read = jest.spyOn(api.app.get(FileStorage), 'read');
      await textOf(id);
      await textOf(id);
      expect(read).toHaveBeenCalledTimes(2);
    });

    it('are gone with a sentence when their rows are gone, or some of them', async () => {
      const { id } = await made();
      await api.app
        .get(DataSource)
        .query(`DELETE FROM report_rows WHERE report_id = $1 AND store_id = '0012'`, [id]);
      await textOf(id);
      for (const query of ['?format=xlsx', '?extended=true', '?format=json&extended=true']) {
        await api.http.get(urlOf(id, query)).expect(410);
      }
      await rm(path.join(api.environment.reportsDir, `${id}.csv`));
      const { body } = await api.http.get(urlOf(id)).expect(410);
      expect(body).toMatchObject({ detail: expect.stringContaining('Trigger the report again') });
      const left = (await readdir(api.environment.reportsDir)).filter((name) => name.startsWith(id));
      expect(left).toEqual([`${id}.json`]);
    });

    it('are refused with 507 when there is no room to make them, and can be had when there is', async () => {
      const { id } = await made();
      const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const storage = api.app.get(FileStorage);
      const publish = storage.publish.bind(storage);
      jest.spyOn(storage, 'publish').mockImplementationOnce((name, token) =>
        publish(
          name,
          token,
          (async function* () {
            await mkdir(api.environment.reportsDir, { recursive: true });
            yield 'some';
            throw full;
          })(),
        ),
      );
      const { body } = await api.http.get(urlOf(id, '?format=xlsx')).expect(507);
      expect(body.detail).toContain('no room left');
      await api.http.get(urlOf(id, '?format=xlsx')).expect(200);
    });
  });

  describe('over HTTP', () => {
    let report: ReportBody;
    let csv: string;
    let etag: string;

    beforeAll(async () => {
      report = await made();
      csv = await textOf(report.id);
      etag = `"${report.files.find(({ format }) => format === 'csv')!.sha256}"`;
    });

    it('are refused with a problem and nothing of the file when they go just before they are sent', async () => {
      const storage = api.app.get(FileStorage);
      const removing = (then: () => Promise<unknown>): void => {
        const read = storage.read.bind(storage);
        jest.spyOn(storage, 'read').mockImplementationOnce(async (...asked) => {
          await then();
          return read(...asked);
        });
      };
      const gone = await made();
      await textOf(gone.id);
      const expectProblem = async (id: string, status: number): Promise<void> => {
        const { headers, body } = await api.http.get(urlOf(id)).set('Range', 'bytes=0-3').expect(status);
        expect(headers).toMatchObject({ 'content-type': expect.stringContaining('problem+json') });
        for (const name of ['content-disposition', 'content-range', 'accept-ranges'])
          expect(headers).not.toHaveProperty(name);
        expect(headers['etag']).not.toBe(`"${gone.files.find(({ format }) => format === 'csv')!.sha256}"`);
        expect(body).toMatchObject({ status });
      };
      removing(() => storage.remove(`${gone.id}.csv`));
      await expectProblem(gone.id, 409);
      // Made again, and then read for its hash.
      for (let times = 0; times < 2; times += 1) await textOf(gone.id);
      removing(() => api.http.delete(`/api/v1/reports/${gone.id}`).expect(204));
      await expectProblem(gone.id, 404);
    });

    it('answer HEAD with the length and no content', async () => {
      const { headers, text } = await api.http.head(urlOf(report.id)).expect(200);
      expect(headers).toMatchObject({
        'content-length': String(csv.length),
        etag,
        'accept-ranges': 'bytes',
        'content-disposition': `attachment; filename="${report.id}.csv"`,
      });
      expect(text ?? '').toBe('');
    });

    it.each([['same'], ['W/same'], ['"other", same'], ['*']])(
      'are not sent again to who has them: If-None-Match %s',
      async (header) => {
        const tags = header.replace('same', etag);
        await api.http.get(urlOf(report.id)).set('If-None-Match', tags).expect(304);
        await api.http.head(urlOf(report.id)).set('If-None-Match', tags).expect(304);
      },
    );

    it.each([
      ['bytes=0-4', 0, 5],
      ['bytes=10-10', 10, 11],
      ['bytes=20-', 20, undefined],
      ['bytes=-7', -7, undefined],
      ['bytes=5-99999999', 5, undefined],
      ['bytes=-99999999', 0, undefined],
    ])('are sent in part: %s', async (range, from, to) => {
      const answer = await api.http.get(urlOf(report.id)).set('Range', range).buffer(true).expect(206);
      const part = csv.slice(from, to);
      const start = from < 0 ? csv.length + from : from;
      expect(answer.text).toBe(part);
      expect(answer.headers).toMatchObject({
        'content-length': String(part.length),
        'content-range': `bytes ${start}-${start + part.length - 1}/${csv.length}`,
        etag,
      });
    });

    it('are sent whole for ranges that are several or make no sense, or when If-Range is of another file', async () => {
      for (const range of ['bytes=0-1,3-4', 'bytes=5-2', 'lines=1-2', 'bytes=-']) {
        const answer = await api.http.get(urlOf(report.id)).set('Range', range).buffer(true).expect(200);
        expect(answer.text).toBe(csv);
      }
      const other = await api.http.get(urlOf(report.id)).set({ Range: 'bytes=0-4', 'If-Range': '"other"' });
      expect(other.status).toBe(200);
      const same = await api.http.get(urlOf(report.id)).set({ Range: 'bytes=0-4', 'If-Range': etag });
      expect(same.status).toBe(206);
    });

    it('refuse a range behind their end, and say how long they are', async () => {
      const { headers } = await api.http
        .get(urlOf(report.id))
        .set('Range', `bytes=${csv.length}-`)
        .expect(416);
      expect(headers['content-range']).toBe(`bytes */${csv.length}`);
      await api.http.get(urlOf(report.id)).set('Range', 'bytes=-0').expect(416);
    });
  });
});
