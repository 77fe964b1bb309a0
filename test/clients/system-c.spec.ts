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
  type Sent,
} from './support/client.js';

const LOADED = {
  store_status: { read: 3, loaded: 3, rejected: 0 },
  menu_hours: { read: 7, loaded: 7, rejected: 0 },
  timezone: { read: 2, loaded: 2, rejected: 0 },
};

describe('a client of system C', () => {
  let api: TestApi;
  let send: Send;

  async function start(): Promise<void> {
    api = await startTestApi();
    send = await clientOf(api);
  }

  const stop = (): Promise<void> => api.close();

  /** Asks at the address with a slash until there is more than words. */
  const fileOf = (id: string): Promise<Answer> =>
    askUntil(
      () => send('GET', `/get_report/${id}/`),
      ({ headers, json }) => {
        if (headers['content-type']!.includes('text/csv')) return true;
        expect(json()).toEqual({ status: 'Running' });
        return false;
      },
    );

  async function report(address = '/trigger_report/'): Promise<{ id: string; file: Answer }> {
    const id = (await send('POST', address)).json()['report_id'] as string;
    return { id, file: await fileOf(id) };
  }

  describe('before anything is loaded', () => {
    beforeAll(start);
    afterAll(stop);

    it('is told that there is nothing to load', async () => {
      const empty = await send('POST', '/data/');
      expect(empty.status).toBe(400);
      expect(empty.json()['detail']).toContain('store_status.csv');
      expect((await send('POST', '/data/', await formOf({}))).status).toBe(400);
    });

    it('is refused a file that is bad as a whole, with the reason', async () => {
      const refused = await send('POST', '/data/', await formOf({ 'menu_hours.csv': 'store_id,day\nx,1\n' }));
      expect(refused.status).toBe(422);
      expect(refused.json()['detail']).toContain('start_time_local');
    });

    it('sees a report on nothing fail', async () => {
      const id = (await send('POST', '/trigger_report/')).json()['report_id'] as string;
      const last = await askUntil(
        () => send('GET', `/get_report/${id}/`),
        (answer) => answer.json()['status'] !== 'Running',
      );
      expect(last.status).toBe(200);
      expect(last.json()).toEqual({ status: 'Failed' });
    });
  });

  describe('with files in the data folder', () => {
    beforeAll(async () => {
      await start();
      await api.putData(TWO_STORES);
    });

    afterAll(stop);

    it.each(IDLE_BODIES)('loads the files of the data folder with %s', async (_, sent) => {
      const loaded = await send('POST', '/data/', sent);
      expect(loaded.status).toBe(200);
      expect(loaded.json()['tables']).toEqual(LOADED);
      expect((await report()).file.bytes.toString()).toBe(TWO_STORES_REPORT);
    });

    it('is refused one of them that is bad as a whole, with its name', async () => {
      await api.putData({
        'menu_hours.csv': 'store_id,day,start_time_local,end_time_local\nx,9,09:00,17:00\n',
      });
      const refused = await send('POST', '/data/');
      expect(refused.status).toBe(422);
      expect(refused.json()['detail']).toContain('menu_hours.csv');
      await api.putData(TWO_STORES);
    });
  });

  describe('with a program of its own', () => {
    beforeEach(start);
    afterEach(stop);

    it.each(['/data/', '/data'])(
      'uploads its files to %s, triggers at once, and waits for the CSV',
      async (address) => {
        const loaded = await send('POST', address, await formOf(TWO_STORES));
        expect(loaded.status).toBe(200);
        expect(loaded.json()).toMatchObject({ tables: LOADED });
        const { id, file } = await report();
        expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
        expect(file.headers['content-disposition']).toMatch(/^attachment; filename=".*\.csv"$/);
        expect(file.bytes).toEqual(await ownCsv(send, id));
      },
    );

    it('gets a report on what it loaded since, not an earlier one', async () => {
      await send('POST', '/data/', await formOf(TWO_STORES));
      const first = await report();
      const more = 'store_id,status,timestamp_utc\n0012,inactive,2023-01-18 17:30:00 UTC\n';
      expect((await send('POST', '/data/', await formOf({ 'store_status.csv': more }))).status).toBe(200);
      const second = await report();
      expect(second.file.bytes).not.toEqual(first.file.bytes);
      expect(second.file.bytes).toEqual(await ownCsv(send, second.id));
    });

    it.each(['/data/', '/data'])('clears all by DELETE %s, and keeps its reports', async (address) => {
      await send('POST', '/data/', await formOf(TWO_STORES));
      const { id, file } = await report();
      const cleared = await send('DELETE', address);
      expect(cleared.status).toBe(200);
      expect(Object.values(cleared.json()['tables'] as Record<string, number>)).toEqual(
        expect.arrayContaining([3, 7, 2]),
      );
      expect((await send('GET', '/data/store_status/')).json()).toEqual([]);
      expect((await send('GET', `/get_report/${id}/`)).bytes).toEqual(file.bytes);
      const again = (await send('POST', '/trigger_report/')).json()['report_id'] as string;
      const last = await askUntil(
        () => send('GET', `/get_report/${again}/`),
        (answer) => answer.json()['status'] !== 'Running',
      );
      expect(last.json()).toEqual({ status: 'Failed' });
    });
  });

  describe('with data', () => {
    beforeAll(async () => {
      await start();
      await send('POST', '/data/', await formOf(TWO_STORES));
    });

    afterAll(stop);

    it('gets the file without a slash too, where it asks for CSV', async () => {
      const { id } = await report('/trigger_report');
      for (const accept of ['text/csv', 'text/csv, application/json;q=0.5']) {
        const file = await send('GET', `/get_report/${id}`, { headers: { Accept: accept } });
        expect(file.bytes.toString()).toBe(TWO_STORES_REPORT);
      }
      expect((await send('GET', `/get_report/${id}`)).json()).toMatchObject({ status: 'Completed' });
    });

    it('is answered at once from an equal report', async () => {
      const first = await report();
      const second = (await send('POST', '/trigger_report/')).json()['report_id'] as string;
      expect(second).not.toBe(first.id);
      const file = await send('GET', `/get_report/${second}/`);
      expect(file.headers['content-type']).toContain('text/csv');
      expect(file.bytes).toEqual(first.file.bytes);
      expect(file.bytes).toEqual(await ownCsv(send, second));
      expect(await reusedFrom(send, second)).not.toBeNull();
    });

    it('may ask with HEAD, and is told how much there is', async () => {
      const { id } = await report();
      const head = await send('HEAD', `/get_report/${id}/`);
      expect(head.status).toBe(200);
      expect(head.bytes).toHaveLength(0);
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(TWO_STORES_REPORT)));
    });

    it('looks at every table, by each of its names', async () => {
      const { id } = await report();
      const rows: Record<string, number> = {
        store_status: 3,
        business_hours: 7,
        menu_hours: 7,
        timezone: 2,
        timezones: 2,
      };
      for (const [table, count] of Object.entries(rows)) {
        for (const address of [`/data/${table}/`, `/data/${table}`]) {
          const answer = await send('GET', address);
          expect([address, answer.status]).toEqual([address, 200]);
          expect(answer.json()).toHaveLength(count);
        }
      }
      const polls = await send('GET', '/data/store_status/');
      expect(polls.json()).toContainEqual({
        store_id: '8419537941919820732',
        status: 'active',
        timestamp_utc: expect.stringMatching(/^2023-01-18 15:00:00\.50* UTC$/),
      });
      expect(JSON.stringify((await send('GET', '/data/reports/')).json())).toContain(id);
      expect((await send('GET', '/data/reports')).status).toBe(200);
    });

    it('is told which tables there are', async () => {
      const answer = await send('GET', '/data/stores_of_mars/');
      expect(answer.status).toBe(404);
      for (const name of ['store_status', 'menu_hours', 'timezone'])
        expect(answer.json()['detail']).toContain(name);
    });

    it.each([NOBODY, 'unknown'])('is told that there is no report %s', async (id) => {
      for (const address of [`/get_report/${id}/`, `/get_report/${id}`]) {
        expect((await send('GET', address, { headers: { Accept: 'text/csv' } })).status).toBe(404);
      }
    });
  });
});

/** A form as a browser or a library sends it, a file in each part. */
async function formOf(files: Readonly<Record<string, string>>): Promise<Sent> {
  const form = new FormData();
  for (const [name, content] of Object.entries(files)) {
    form.append(name.replace('.csv', ''), new Blob([content], { type: 'text/csv' }), name);
  }
  const encoded = new Response(form);
  return {
    headers: { 'Content-Type': encoded.headers.get('content-type')! },
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}
