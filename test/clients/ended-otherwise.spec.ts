import { DataSource } from 'typeorm';
import { Environment } from '../../src/platform/environment.js';
import { ReportRetention } from '../../src/reports/files/report-retention.chore.js';
import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from '../support/application.js';
import { type Answer, askUntil, clientOf, reusedFrom, type Send } from './support/client.js';

const OWN = (id: string): string => `/api/v1/reports/${id}/file`;

/** Where the earlier clients ask how a report is, and what they read of one that has failed. */
const STATUSES: [string, (id: string) => string, (id: string) => object][] = [
  ['A', (id) => `/reports/status?report_id=${id}`, (id) => ({ report_id: id, status: 'FAILED', url: null })],
  ['B', (id) => `/get_report/${id}`, () => ({ status: 'Failed' })],
  ['C', (id) => `/get_report/${id}/`, () => ({ status: 'Failed' })],
  ['E', (id) => `/api/get_report/${id}`, () => ({ status: 'Failed' })],
];

const FILES: [string, (id: string) => string][] = [
  ['A, the CSV', (id) => `/files/reports/${id}.csv`],
  ['A, the metadata', (id) => `/files/reports/${id}.json`],
  ['B', (id) => `/download_report?file_path=reports/store_report_${id}.csv`],
  ['E', (id) => `/api/download_report/${id}`],
];

describe('a report without a file, to the earlier clients,', () => {
  let api: TestApi;
  let send: Send;

  beforeAll(async () => {
    api = await startTestApi();
    send = await clientOf(api);
    await api.putData(TWO_STORES);
    expect((await send('POST', '/data/')).status).toBe(200);
  });

  afterAll(() => api.close());

  /** Each from an earlier one, but for the first. */
  async function made(): Promise<string> {
    const id = (await send('POST', '/trigger_report')).json()['report_id'] as string;
    const last = await askUntil(
      () => send('GET', `/get_report/${id}`),
      (answer) => answer.json()['status'] !== 'Running',
    );
    expect(last.json()['status']).toBe('Completed');
    return id;
  }

  const sql = (text: string, id: string): Promise<unknown> => api.app.get(DataSource).query(text, [id]);

  async function expired(): Promise<string> {
    const id = await made();
    await sql(`UPDATE reports SET completed_at = completed_at - interval '30 days' WHERE report_id = $1`, id);
    api.app.get(Environment).reportRetentionDays = 7;
    await api.app.get(ReportRetention).run();
    api.app.get(Environment).reportRetentionDays = null;
    return id;
  }

  async function cancelled(): Promise<string> {
    const id = await made();
    await sql(`UPDATE reports SET status = 'pending', completed_at = NULL WHERE report_id = $1`, id);
    expect((await send('POST', `/api/v1/reports/${id}/cancel`)).status).toBe(202);
    return id;
  }

  const gone = async (address: string): Promise<Answer> => {
    const answer = await send('GET', address);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    return answer;
  };

  describe.each([
    ['has expired', expired, 410],
    ['was cancelled', cancelled, 409],
  ])('which %s,', (_, make, ownStatus) => {
    let id: string;

    beforeAll(async () => {
      id = await make();
    });

    it.each(STATUSES)('is one that has failed (%s)', async (_client, address, words) => {
      const answer = await send('GET', address(id));
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual(words(id));
    });

    it.each(FILES)('has a file that is not there (%s)', async (_client, address) => {
      expect((await gone(address(id))).status).toBe(404);
    });

    it(`is told apart by the program's own route with ${ownStatus}`, async () => {
      expect((await gone(OWN(id))).status).toBe(ownStatus);
    });
  });

  it('leaves those that share its figures as they are', async () => {
    await made();
    const other = await made();
    expect(await reusedFrom(send, other)).not.toBeNull();
    await expired();
    expect((await send('GET', `/api/download_report/${other}`)).bytes.toString()).toBe(TWO_STORES_REPORT);
  });

  it('is not there once it is deleted', async () => {
    const id = await made();
    expect((await send('DELETE', `/api/v1/reports/${id}`)).status).toBe(204);
    for (const [, address] of [...STATUSES, ...FILES]) {
      expect((await send('GET', address(id))).status).toBe(404);
    }
  });
});
