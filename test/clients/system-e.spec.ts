import { startTestApi, type TestApi, TWO_STORES, TWO_STORES_REPORT } from '../support/application.js';
import { askUntil, clientOf, IDLE_BODIES, type Send } from './support/client.js';

describe('a client of system E, where no Redis is named,', () => {
  let api: TestApi;
  let send: Send;

  beforeAll(async () => {
    api = await startTestApi();
    send = await clientOf(api);
    await api.putData(TWO_STORES);
    expect((await send('POST', '/data/')).status).toBe(200);
  });

  afterAll(() => api.close());

  it.each(IDLE_BODIES)('triggers with %s, asks, and downloads from where it is told', async (_, sent) => {
    const triggered = await send('POST', '/api/trigger_report', sent);
    expect(triggered.status).toBe(200);
    const id = triggered.json()['report_id'] as string;
    expect(triggered.json()).toEqual({ report_id: expect.any(String), status: 'Running' });
    const last = await askUntil(
      () => send('GET', `/api/get_report/${id}`),
      (answer) => answer.json()['status'] !== 'Running',
    );
    expect(last.json()).toEqual({
      status: 'Completed',
      filepath: `reports/store_report_${id}.csv`,
      download_url: `/api/download_report/${id}`,
    });
    const file = await send('GET', last.json()['download_url'] as string);
    expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
  });
});
