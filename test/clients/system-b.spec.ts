import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from '../support/application.js';
import {
  type Answer,
  askUntil,
  clientOf,
  IDLE_BODIES,
  NOBODY,
  ownCsv,
  reusedFrom,
  type Send,
} from './support/client.js';

describe('a client of system B', () => {
  let api: TestApi;
  let send: Send;

  beforeAll(async () => {
    api = await startTestApi();
    send = await clientOf(api);
  });

  afterAll(() => api.close());

  const trigger = async (): Promise<string> =>
    (await send('POST', '/trigger_report')).json()['report_id'] as string;

  const ended = (id: string): Promise<Answer> =>
    askUntil(
      () => send('GET', `/get_report/${id}`),
      (answer) => answer.json()['status'] !== 'Running',
    );

  const pathOf = async (id: string): Promise<string> => (await ended(id)).json()['filepath'] as string;

  it('sees a report on nothing fail, and finds no file of it', async () => {
    const id = await trigger();
    expect((await ended(id)).json()).toEqual({ status: 'Failed' });
    const file = await send('GET', `/download_report?file_path=reports/store_report_${id}.csv`);
    expect(file.status).toBe(409);
  });

  describe('with data', () => {
    beforeAll(async () => {
      await api.putData(TWO_STORES);
      expect((await send('POST', '/data/')).status).toBe(200);
    });

    it('gets its report by the path that it was given, exactly as it was given', async () => {
      const id = await trigger();
      const last = await ended(id);
      expect(last.headers['content-type']).toContain('application/json');
      expect(last.json()).toEqual({
        status: 'Completed',
        filepath: `reports/store_report_${id}.csv`,
      });
      const file = await send('GET', `/download_report?file_path=${last.json()['filepath'] as string}`);
      expect(file.status).toBe(200);
      expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
      expect(file.bytes).toEqual(await ownCsv(send, id));
      expect(file.headers).toMatchObject({
        'content-type': expect.stringContaining('text/csv'),
        'content-disposition': expect.stringMatching(/^attachment; filename=".*\.csv"$/),
      });
    });

    it('may encode the path, end the address with a slash, and name more than is known', async () => {
      const path = encodeURIComponent(await pathOf(await trigger()));
      for (const query of [`?file_path=${path}`, `/?file_path=${path}`, `?as=csv&file_path=${path}`]) {
        const file = await send('GET', `/download_report${query}`);
        expect(file.status).toBe(200);
        expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
      }
    });

    it('may send the id in the body as well', async () => {
      const id = await trigger();
      await ended(id);
      const answer = await send('GET', `/get_report/${id}`, {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ report_id: id }),
      });
      expect(answer.json()).toMatchObject({ status: 'Completed' });
    });

    it('is answered at once from an equal report, by a path of its own', async () => {
      const first = await trigger();
      await ended(first);
      const second = await trigger();
      expect(second).not.toBe(first);
      const filepath = `reports/store_report_${second}.csv`;
      expect((await send('GET', `/get_report/${second}`)).json()).toEqual({ status: 'Completed', filepath });
      expect(await reusedFrom(send, second)).not.toBeNull();
      const file = await send('GET', `/download_report?file_path=${filepath}`);
      expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
      expect(file.bytes).toEqual(await ownCsv(send, second));
    });

    it('may ask with HEAD, and is told how much there is', async () => {
      const head = await send('HEAD', `/download_report?file_path=${await pathOf(await trigger())}`);
      expect(head.status).toBe(200);
      expect(head.bytes).toHaveLength(0);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(TWO_STORES_REPORT)));
    });

    it('is no client of C, whatever else than CSV it accepts', async () => {
      const id = await trigger();
      await ended(id);
      for (const accept of ['*/*', 'application/json', 'application/json, text/plain, */*', 'text/html']) {
        const answer = await send('GET', `/get_report/${id}`, { headers: { Accept: accept } });
        expect(answer.json()).toMatchObject({ status: 'Completed' });
      }
    });

    it.each(IDLE_BODIES)('may trigger with %s', async (_, sent) => {
      const answer = await send('POST', '/trigger_report', sent);
      expect(answer.status).toBe(200);
      expect((await ended(answer.json()['report_id'] as string)).json()['status']).toBe('Completed');
    });

    it.each([NOBODY, 'unknown', '1'])('is told that there is no report %s', async (id) => {
      expect((await send('GET', `/get_report/${id}`)).status).toBe(404);
    });

    it('is told that there is no file of a report that is not there, and refused what names none', async () => {
      const named = await send('GET', `/download_report?file_path=reports/store_report_${NOBODY}.csv`);
      expect(named.status).toBe(404);
      for (const query of ['', '/', '?file_path=', '?path=x']) {
        expect((await send('GET', `/download_report${query}`)).status).toBe(400);
      }
    });
  });
});
