import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';

/** Asks again and again, as these clients do, until `over` holds. */
async function pollUntil<T>(ask: () => Promise<T>, over: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 1_000; tries++) {
    const answer = await ask();
    if (over(answer)) return answer;
  }
  throw new Error('It never ended.');
}

describe('earlier clients', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  describe('before there is data', () => {
    it('C: is told that there is nothing to load', async () => {
      const { body } = await api.http.post('/data/').expect(400);
      expect(body.detail).toContain('store_status.csv');
    });

    it('B: sees a report on nothing as failed', async () => {
      const { body } = await api.http.post('/trigger_report').expect(200);
      const last = await pollUntil(
        () => api.http.get(`/get_report/${body.report_id}`).expect(200),
        (answer) => answer.body.status !== 'Running',
      );
      expect(last.body).toEqual({ status: 'Failed' });
      await api.http.get(`/download_report?file_path=reports/store_report_${body.report_id}.csv`).expect(409);
    });
  });

  describe('with data', () => {
    beforeAll(() => api.putData(TWO_STORES));

    it('C: loads the folder, triggers at once, and waits for the CSV at the address with a slash', async () => {
      const loaded = await api.http.post('/data/').expect(200);
      expect(loaded.body.tables).toEqual({
        store_status: { read: 3, loaded: 3, rejected: 0 },
        menu_hours: { read: 7, loaded: 7, rejected: 0 },
        timezone: { read: 2, loaded: 2, rejected: 0 },
      });
      const { body } = await api.http.post('/trigger_report/').expect(200);
      const file = await pollUntil(
        () => api.http.get(`/get_report/${body.report_id}/`).buffer(true).expect(200),
        (answer) => !answer.headers['content-type']!.includes('json'),
      );
      expect(file.text).toBe(TWO_STORES_REPORT);
      expect(file.headers['content-disposition']).toContain('attachment');
      const asked = await api.http
        .get(`/get_report/${body.report_id}`)
        .set('Accept', 'text/csv')
        .buffer(true)
        .expect(200);
      expect(asked.text).toBe(TWO_STORES_REPORT);
    });

    it('A: triggers, asks for the status, and follows the url', async () => {
      await api.http.post('/data').expect(200);
      const { body } = await api.http.post('/reports/trigger').expect(200);
      expect(body).toEqual({
        report_id: expect.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
        status: 'PENDING',
        task_id: expect.any(String),
      });
      const seen = new Set<string>();
      const last = await pollUntil(
        () => api.http.get(`/reports/status?report_id=${body.report_id}`).expect(200),
        (answer) => {
          seen.add(answer.body.status);
          return answer.body.status === 'COMPLETED';
        },
      );
      expect(last.body).toEqual({
        report_id: body.report_id,
        status: 'COMPLETED',
        url: `/files/reports/${body.report_id}.csv`,
      });
      for (const status of seen) expect(['PENDING', 'RUNNING', 'COMPLETED']).toContain(status);
      const file = await api.http.get(last.body.url).buffer(true).expect(200);
      expect(file.text).toBe(TWO_STORES_REPORT);
      const json = await api.http.get(`/files/reports/${body.report_id}.json`).expect(200);
      expect(json.body.report_id).toBe(body.report_id);
    });

    it('A: answers 400 without an id and 404 for one that is not there', async () => {
      await api.http.get('/reports/status').expect(400);
      await api.http.get('/reports/status?report_id=').expect(400);
      await api.http.get('/reports/status?report_id=1756601234567890-123456').expect(404);
      await api.http.get('/files/reports/1756601234567890-123456.csv').expect(404);
    });

    it('B: triggers, follows, and downloads by the path it was given', async () => {
      const { body } = await api.http.post('/trigger_report').expect(200);
      const last = await pollUntil(
        () => api.http.get(`/get_report/${body.report_id}`).expect(200),
        (answer) => answer.body.status !== 'Running',
      );
      expect(last.body).toEqual({
        status: 'Completed',
        filepath: `reports/store_report_${body.report_id}.csv`,
      });
      const file = await api.http
        .get('/download_report')
        .query({ file_path: last.body.filepath })
        .buffer(true)
        .expect(200);
      expect(file.text).toBe(TWO_STORES_REPORT);
      await api.http.get('/get_report/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000').expect(404);
    });

    it.each([
      '',
      '../../etc/passwd',
      '/etc/passwd',
      '..%2f..%2fetc%2fpasswd',
      'reports/../../../etc/passwd',
      'reports/store_report_../../package.json.csv',
      'file:///etc/passwd',
      'reports\\store_report_x.csv',
      'reports/store_report_0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000.csv\u0000.txt',
      'x'.repeat(5_000),
    ])('B: gives nothing away for the file_path %j', async (path) => {
      const response = await api.http.get('/download_report').query({ file_path: path });
      expect([400, 404]).toContain(response.status);
      expect(response.text).not.toContain('root:');
    });

    it('B: answers 404 for a path of the right form whose report is not there', async () => {
      await api.http
        .get('/download_report?file_path=reports/store_report_0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000.csv')
        .expect(404);
      await api.http.get('/download_report').expect(400);
      await api.http.get('/download_report?file_path=a&file_path=b').expect(400);
    });

    it('E: triggers, follows, and downloads, with no Redis running', async () => {
      const { body } = await api.http.post('/api/trigger_report').expect(200);
      expect(body).toEqual({ report_id: expect.any(String), status: 'Running' });
      const last = await pollUntil(
        () => api.http.get(`/api/get_report/${body.report_id}`).expect(200),
        (answer) => answer.body.status !== 'Running',
      );
      expect(last.body).toMatchObject({
        status: 'Completed',
        download_url: `/api/download_report/${body.report_id}`,
      });
      const file = await api.http.get(last.body.download_url).buffer(true).expect(200);
      expect(file.text).toBe(TWO_STORES_REPORT);
      await api.http.get('/api/get_report/unknown-one').expect(404);
      await api.http.get('/').expect(200).expect('Content-Type', /html/);
    });

    it('C: is refused a file that is bad as a whole, with the reason', async () => {
      await api.putData({
        'menu_hours.csv': 'store_id,day,start_time_local,end_time_local\nx,9,09:00,17:00\n',
      });
      const { body } = await api.http.post('/data/').expect(422);
      expect(body.detail).toContain('menu_hours.csv');
      await api.putData(TWO_STORES);
    });
  });
});
