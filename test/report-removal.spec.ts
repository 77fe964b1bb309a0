import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { Environment } from '../src/platform/environment.js';
import { FileStorage } from '../src/platform/storage/file-storage.js';
import { ReportRemoval } from '../src/reports/files/report-removal.js';
import { ReportRetention } from '../src/reports/files/report-retention.chore.js';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from './support/application.js';

const NOBODY = '0199a000-0000-7000-8000-000000000000';

describe('the end of a report', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
    await api.putData(TWO_STORES);
    await api.http.post('/data/').expect(200);
  });

  afterAll(() => api.close());

  afterEach(() => {
    jest.restoreAllMocks();
    api.app.get(Environment).reportRetentionDays = null;
  });

  const sql = (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    api.app.get(DataSource).query(text, values);

  async function made(): Promise<string> {
    const accepted = await api.http.post('/api/v1/reports').send({ force: true }).expect(202);
    const { body } = await api.http.get(accepted.body.links.self).set('Prefer', 'wait=20').expect(200);
    expect(body.status).toBe('completed');
    return body.id;
  }

  /** A report that was answered from another one. */
  async function answeredFrom(id: string): Promise<string> {
    const [row] = await sql(
      `INSERT INTO reports (report_id, status, windows, unobserved, estimator, default_zone, reused_from, as_of_us, done,
                            total, stores, metadata, completed_at)
       SELECT gen_random_uuid(), status, windows, unobserved, estimator, default_zone, report_id, as_of_us, done, total,
              stores, metadata, clock_timestamp()
         FROM reports WHERE report_id = $1 RETURNING report_id`,
      [id],
    );
    return row!['report_id'] as string;
  }

  async function left(id: string): Promise<{ rows: number; files: string[]; known: number }> {
    const [row] = await sql(
      `SELECT (SELECT count(*) FROM report_rows WHERE report_id = $1)::int AS rows,
              (SELECT count(*) FROM report_files WHERE report_id = $1)::int AS known`,
      [id],
    );
    const names = await readdir(api.environment.reportsDir);
    return {
      ...(row as { rows: number; known: number }),
      files: names.filter((name) => name.startsWith(id)).sort(),
    };
  }

  const NOTHING = { rows: 0, files: [], known: 0 };
  const fileOf = (id: string, query = ''): string => `/api/v1/reports/${id}/file${query}`;

  /** As if it had ended so many days ago. */
  const age = (id: string, days: number): Promise<unknown> =>
    sql(
      `UPDATE reports SET completed_at = clock_timestamp() - make_interval(days => $2) WHERE report_id = $1`,
      [id, days],
    );

  async function expire(days: number): Promise<void> {
    api.app.get(Environment).reportRetentionDays = days;
    await api.app.get(ReportRetention).run();
  }

  describe('by hand', () => {
    it('takes rows and files with it', async () => {
      const id = await made();
      await api.http.get(fileOf(id, '?format=xlsx')).expect(200);
      expect(await left(id)).toEqual({ rows: 2, files: [`${id}.csv`, `${id}.json`, `${id}.xlsx`], known: 3 });
      await api.http.delete(`/api/v1/reports/${id}`).expect(204);
      expect(await left(id)).toEqual(NOTHING);
      await api.http.get(`/api/v1/reports/${id}`).expect(404);
      await api.http.get(fileOf(id)).expect(404);
      await api.http.delete(`/api/v1/reports/${id}`).expect(404);
    });

    it('leaves them to the reports that were answered from it, whichever goes first', async () => {
      const first = await made();
      const second = await answeredFrom(first);
      await api.http.delete(`/api/v1/reports/${first}`).expect(204);
      for (const query of ['', '?extended=true']) {
        const { text } = await api.http.get(fileOf(second, query)).buffer(true).expect(200);
        expect(text.slice(0, 8)).toBe('store_id');
      }
      await api.http.get(fileOf(second, '?format=json&extended=true')).expect(200);
      await api.http.delete(`/api/v1/reports/${second}`).expect(204);
      expect(await left(first)).toEqual(NOTHING);
      expect(await left(second)).toEqual(NOTHING);

      const third = await made();
      await api.http.delete(`/api/v1/reports/${await answeredFrom(third)}`).expect(204);
      expect((await api.http.get(fileOf(third)).buffer(true).expect(200)).text).toBe(TWO_STORES_REPORT);
    });

    it('of the last two at once leaves nothing', async () => {
      const first = await made();
      const others = [await answeredFrom(first), await answeredFrom(first)];
      await Promise.all([first, ...others].map((id) => api.http.delete(`/api/v1/reports/${id}`).expect(204)));
      expect(await left(first)).toEqual(NOTHING);
    });

    it.each(['pending', 'running'])('is refused while the report is %s', async (status) => {
      const id = await made();
      await sql(`UPDATE reports SET status = $2, lease_until = 'infinity' WHERE report_id = $1`, [
        id,
        status,
      ]);
      const { body } = await api.http.delete(`/api/v1/reports/${id}`).expect(409);
      expect(body.detail).toContain(`/api/v1/reports/${id}/cancel`);
      await sql(`UPDATE reports SET status = 'completed', lease_until = NULL WHERE report_id = $1`, [id]);
    });

    it('is none for a report that there is not', async () => {
      await api.http.delete(`/api/v1/reports/${NOBODY}`).expect(404);
      await api.http.delete('/api/v1/reports/nonsense').expect(404);
    });
  });

  describe('by age', () => {
    it('leaves what was asked and nothing of what came out, and says so', async () => {
      const [old, young] = [await made(), await made()];
      await age(old, 31);
      await age(young, 29);
      await expire(30);
      const { body } = await api.http.get(`/api/v1/reports/${old}`).expect(200);
      expect(body).toMatchObject({ status: 'expired', stores: 2, files: [], links: { file: null } });
      expect(await left(old)).toEqual(NOTHING);
      for (const route of [fileOf(old), fileOf(old, '?format=xlsx'), `/api/v1/reports/${old}/rows`]) {
        const { body: problem } = await api.http.get(route).expect(410);
        expect(problem.detail).toContain('kept as long as configured');
      }
      expect((await api.http.get(fileOf(young)).buffer(true).expect(200)).text).toBe(TWO_STORES_REPORT);
      await api.http.delete(`/api/v1/reports/${old}`).expect(204);
    });

    it('shows as failed to earlier clients', async () => {
      const id = await made();
      await age(id, 2);
      await expire(1);
      expect((await api.http.get(`/get_report/${id}`).expect(200)).body).toEqual({ status: 'Failed' });
      expect((await api.http.get(`/reports/status?report_id=${id}`).expect(200)).body).toMatchObject({
        status: 'FAILED',
        url: null,
      });
      await api.http.get(`/files/reports/${id}.csv`).expect(404);
    });

    it('leaves rows and files to a younger report that was answered from them', async () => {
      const first = await made();
      const second = await answeredFrom(first);
      await age(first, 10);
      await expire(5);
      await api.http.get(fileOf(first)).expect(410);
      expect((await api.http.get(fileOf(second)).buffer(true).expect(200)).text).toBe(TWO_STORES_REPORT);
      await age(second, 6);
      await expire(5);
      expect(await left(first)).toEqual(NOTHING);
    });

    it('does not come where nothing is configured', async () => {
      const id = await made();
      await age(id, 100_000);
      await api.app.get(ReportRetention).run();
      await api.http.get(fileOf(id)).expect(200);
    });
  });

  it('takes the files too that a killed process left, or that a run nobody wanted any more wrote since', async () => {
    const id = await made();
    const remove = jest.spyOn(api.app.get(FileStorage), 'remove').mockRejectedValueOnce(new Error('killed'));
    await api.http.delete(`/api/v1/reports/${id}`).expect(500);
    expect((await left(id)).files).not.toEqual([]);
    remove.mockRestore();
    await api.app.get(ReportRetention).run();
    expect(await left(id)).toEqual(NOTHING);

    await writeFile(path.join(api.environment.reportsDir, `${id}.csv`), 'late');
    await sql(
      `UPDATE removed_results SET removed_at = removed_at - interval '2 hours' WHERE result_id = $1`,
      [id],
    );
    await api.app.get(ReportRemoval).removeFiles();
    expect(await left(id)).toEqual(NOTHING);
    expect(await sql('SELECT FROM removed_results WHERE result_id = $1', [id])).toEqual([]);
  });
});
